#pragma once
// A source line by line, in one buffer of fixed size that is wiped at the end: lines may hold keys.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "seeds/input/byte_source.h"

namespace portalkey {

class TextLines {
 public:
  static constexpr std::size_t kMostLineBytes = 64 * 1024;

  explicit TextLines(ByteSource& source) : source_(source), buffer_(kMostLineBytes + 1) {}
  TextLines(const TextLines&) = delete;
  TextLines& operator=(const TextLines&) = delete;
  ~TextLines();

  /// The next line without its end (LF, CRLF or CR), valid until the next call; nullopt at the end. A longer line than
  /// kMostLineBytes refuses the whole file. A byte order mark before the first line is dropped.
  Result<std::optional<std::string_view>> next();
  /// Which line `next` gave, from 1.
  std::int64_t line() const { return line_; }

 private:
  Result<bool> more();

  ByteSource& source_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, filled_ = 0;
  std::int64_t line_ = 0;
  bool ended_ = false;
  bool after_cr_ = false;
};

}  // namespace portalkey
