#pragma once
// Where secret keys may be written: a new file that only its owner can read, or a pipe.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/new_file.h"

namespace portalkey {

/// What standard output is, where secrets may not go there: a terminal, or what others may read. Empty: they may, because it is
/// a pipe, a socket, /dev/null, or a file that is ours alone.
std::string why_no_secrets_to_standard_output();

class SecretOutput {
 public:
  /// The file does not exist and does not come to be before `keep`. A link at its place is not followed.
  static Result<SecretOutput> create(const std::filesystem::path& path);
  /// Standard output. `any`: whatever it is, because what is written is encrypted.
  static Result<SecretOutput> standard_output(bool any);

  Result<void> write(std::string_view bytes);
  /// All is written: the file becomes visible and durable.
  Result<void> keep();

 private:
  explicit SecretOutput(std::optional<NewFile> file) : file_(std::move(file)) {}
  std::optional<NewFile> file_;  ///< empty: standard output
};

}  // namespace portalkey
