#include "entra/oauth/secret_flaw.h"

#include <fmt/format.h>

#include <algorithm>

#include "http/header_text.h"

namespace portalkey {
namespace {

std::string_view name_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '\n' || c == '\r') return "a line break";
  if (c == ' ') return "a blank";
  if (c == '\t') return "a tab";
  if (c == '"' || c == '\'' || c == '`') return "a quotation mark";
  if (c == '{' || c == '}') return "a brace, as JSON has";
  if (byte < 0x20 || byte == 0x7f) return "a control character";
  if (byte >= 0x80) return "a character beyond ASCII";
  return "a character that no token has";
}

std::string at_place(std::string_view text, std::size_t place) {
  return fmt::format("{} at character {} of {}", name_of(text[place]), place + 1, text.size());
}

}  // namespace

std::string refresh_token_flaw(std::string_view text) {
  if (is_refresh_token(text)) return {};
  if (text.empty()) return "nothing in it";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_refresh_token(text.substr(i, 1))) return at_place(text, i);
  }
  return fmt::format("{} characters, more than any token", text.size());
}

std::string client_secret_flaw(std::string_view text) {
  const auto bad = std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  return bad == text.end() ? std::string() : at_place(text, static_cast<std::size_t>(bad - text.begin()));
}

}  // namespace portalkey
