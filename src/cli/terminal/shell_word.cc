#include "cli/terminal/shell_word.h"

#include <algorithm>
#include <cctype>

namespace portalkey {

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain = "@%+=:,./-_~";
  const bool plain = !text.empty() && text.front() != '~' && text.front() != '=' && std::ranges::all_of(text, [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || kPlain.contains(c);
  });
  if (plain) return std::string(text);
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

}  // namespace portalkey
