#pragma once
// Serial numbers that may have lost their leading zeros: a spreadsheet takes 0012345 for the number 12345.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/model/seed_file.h"

namespace portalkey {

/// How many digits a file's serial numbers have, as far as they are digits.
class SerialLengths {
 public:
  void add(std::string_view digits, std::int64_t line) {
    if (digits.size() >= lengths_.size()) return;
    begins_with_zero_ |= digits.front() == '0';
    auto& length = lengths_[digits.size()];
    if (length.count++ == 0) {
      length.first_line = line;
      length.first = digits;
    }
  }

  /// A warning about the shorter ones, if they are few and if no serial number of the file begins with a zero: then the column
  /// was kept as text.
  std::optional<RowProblem> warning() const;

 private:
  struct Length {
    std::int64_t count = 0;
    std::int64_t first_line = 0;
    std::string first = {};
  };
  std::array<Length, 20> lengths_;  // more digits no spreadsheet keeps
  bool begins_with_zero_ = false;
};

}  // namespace portalkey
