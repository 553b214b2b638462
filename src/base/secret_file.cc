#include "base/secret_file.h"

#include <string>

#include "base/files.h"
#include "base/secret_text.h"

namespace portalkey {
namespace {

Secret without_line_break(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  return Secret(text);
}

Result<Secret> read_secret(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting, FileUse use,
                           Secret (*secret_in)(std::string_view bytes)) {
  auto bytes = read_file(file, limit_bytes, use);
  if (!bytes) {
    // A wrong setting, not a missing secret: that would mean that nobody has signed in.
    if (bytes.error().code == Errc::not_found) bytes.error().code = Errc::invalid_input;
    return std::unexpected(std::move(bytes).error().with("needed for", std::string(setting)));
  }
  Secret secret = bytes->reveal(secret_in);
  if (secret.empty()) {
    return std::unexpected(
        Error{Errc::invalid_input, "the file is empty", "Put the secret's value into it.", {{"file", file.string()}}});
  }
  return secret;
}

}  // namespace

Result<Secret> read_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                FileUse use) {
  return read_secret(file, limit_bytes, setting, use, secret_in_text);
}

Result<Secret> read_exact_secret_file(const std::filesystem::path& file, std::size_t limit_bytes, std::string_view setting,
                                      FileUse use) {
  return read_secret(file, limit_bytes, setting, use, without_line_break);
}

}  // namespace portalkey
