#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace portalkey {

/// A SQLite database as it is at one moment, while others may write to it.
///
/// It is in memory, so that what is wiped from the database later stays nowhere else. One that is larger than that allows (a
/// trail of years) is copied into a file without a name in the database's own folder, which is gone when the copy is.
class DatabaseCopy {
 public:
  static constexpr std::uint64_t kMostInMemory = 1UL << 30;  // SQLite itself takes no 2 GiB at once
  static Result<DatabaseCopy> take(const std::filesystem::path& file, std::uint64_t most_in_memory = kMostInMemory);

  std::uint64_t size() const { return size_; }
  /// All bytes in their order; ends with `take`'s error.
  Result<void> each(const std::function<Result<void>(std::string_view)>& take) const;

 private:
  struct Free {
    void operator()(unsigned char* bytes) const;
  };
  DatabaseCopy() = default;

  std::filesystem::path file_;
  std::uint64_t size_ = 0;
  std::unique_ptr<unsigned char, Free> bytes_;
  Descriptor nameless_;  ///< instead of bytes
};

}  // namespace portalkey
