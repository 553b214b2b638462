#include "app/profile/toml_nesting.h"

#include <algorithm>

namespace portalkey {
namespace {

constexpr int kMostLevels = 100;

/// Where a string that begins at `at` ends: behind its closing quotes, or at the end of its line if it has none.
std::size_t end_of_string(std::string_view toml, std::size_t at) {
  const std::string_view quote = toml.substr(at, 1);
  const bool escapes = quote == "\"";
  const bool many_lines = toml.substr(at).starts_with(escapes ? R"(""")" : "'''");
  const std::string_view close = many_lines ? (escapes ? R"(""")" : "'''") : quote;
  for (at += close.size(); at < toml.size(); ++at) {
    if (escapes && toml[at] == '\\') {
      ++at;
    } else if (toml.substr(at).starts_with(close)) {
      return at + close.size();
    } else if (!many_lines && toml[at] == '\n') {
      return at;
    }
  }
  return toml.size();
}

}  // namespace

std::optional<int> nests_too_deeply_at(std::string_view toml) {
  int brackets = 0, dots = 0;
  for (std::size_t at = 0; at < toml.size();) {
    const char c = toml[at];
    if (c == '"' || c == '\'') {
      at = end_of_string(toml, at);
      continue;
    }
    if (c == '#') {
      at = std::min(toml.find('\n', at), toml.size());
      continue;
    }
    ++at;
    if (c == '[' || c == '{') ++brackets;
    if (c == ']' || c == '}') brackets = std::max(0, brackets - 1);
    if (c == '.') ++dots;
    if (c == '\n' && brackets == 0) dots = 0;  // a name ends with its line, and a value where its brackets are closed
    if (brackets + dots > kMostLevels)
      return 1 + static_cast<int>(std::count(toml.begin(), toml.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  }
  return std::nullopt;
}

}  // namespace portalkey
