#pragma once
// Where secret keys may be written: a new file that only its owner can read, or a pipe.

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/error.h"

namespace portalkey {

class SecretOutput {
 public:
  /// The file does not exist and does not come to be before `keep`: it has no name until then. A link at its place is not
  /// followed.
  static Result<SecretOutput> create(const std::filesystem::path& path);
  /// Standard output. `any`: also if it is a terminal or a file, because what is written is encrypted.
  static Result<SecretOutput> standard_output(bool any);

  SecretOutput(SecretOutput&& o) noexcept;
  SecretOutput& operator=(SecretOutput&&) = delete;
  ~SecretOutput();

  Result<void> write(std::string_view bytes);
  /// All is written: the file becomes visible and durable.
  Result<void> keep();

 private:
  SecretOutput(int fd, std::filesystem::path path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::filesystem::path path_;  ///< empty: standard output
  bool named_ = false;          ///< the file system knows no nameless files: it has its name already
  bool kept_ = false;
};

}  // namespace portalkey
