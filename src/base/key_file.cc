#include "base/key_file.h"

#include <optional>

#include "base/ascii.h"
#include "base/files.h"
#include "base/secret_text.h"

namespace portalkey {
namespace {

constexpr std::size_t kLimit = 4096;

int value_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = to_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// nullopt if the text is not hex from beginning to end.
std::optional<Secret> from_hex(std::string_view text) {
  std::string bytes;
  bytes.reserve(kLimit);  // so that no copy is left behind
  int high = -1;
  bool hex = true;
  for (const char c : text) {
    if (is_blank(c) || c == ':') continue;
    const int digit = value_of(c);
    if (digit < 0) {
      hex = false;
      break;
    }
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  std::optional<Secret> key;
  if (hex && high < 0) key.emplace(std::string_view(bytes));
  wipe(bytes);
  return key;
}

bool is_key_size(std::size_t bytes) { return bytes == 16 || bytes == 24 || bytes == 32; }

}  // namespace

Result<Secret> read_key_file(const std::filesystem::path& file, std::string_view setting) {
  auto content = read_file(file, kLimit, FileUse::key);
  if (!content) {
    if (content.error().code == Errc::not_found) content.error().code = Errc::invalid_input;
    return std::unexpected(std::move(content).error().with("needed for", std::string(setting)));
  }
  const Secret text = content->reveal(secret_in_text);
  if (auto key = text.reveal(from_hex); key && is_key_size(key->size())) return std::move(*key);
  if (is_key_size(content->size())) return std::move(*content);
  return std::unexpected(Error{Errc::invalid_input,
                               "the key file has neither 32, 48 or 64 hex digits nor 16, 24 or 32 bytes",
                               "Put the key into it as the vendor wrote it, in hex, and nothing else.",
                               {{"file", file.string()}}});
}

}  // namespace portalkey
