#include "sandbox/wire/relaxed_json.h"

#include <string>

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kDepth = 256;

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Copies the text that begins at `at`, up to and with its closing quote; one in single quotes gets double ones.
std::size_t copy_text(std::string_view text, std::size_t at, std::string& out) {
  const char quote = text[at++];
  out += '"';
  for (; at < text.size() && text[at] != quote; ++at) {
    if (text[at] == '\\' && at + 1 < text.size()) {
      if (text[at + 1] != '\'') out += '\\';
      out += text[++at];
    } else if (text[at] == '"') {
      out += "\\\"";
    } else {
      out += text[at];
    }
  }
  if (at == text.size()) return at;  // no end: what follows will not be JSON
  out += '"';
  return at + 1;
}

/// The end of the comment that begins at `at`.
std::size_t skip_comment(std::string_view text, std::size_t at) {
  const bool line = text[at + 1] == '/';
  const auto end = text.find(line ? "\n" : "*/", at + 2);
  return end == std::string_view::npos ? text.size() : end + (line ? 0 : 2);
}

}  // namespace

std::optional<boost::json::value> parse_relaxed_json(std::string_view text) {
  std::string strict;
  strict.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = copy_text(text, at, strict);
    } else if (c == '/' && at + 1 < text.size() && (text[at + 1] == '/' || text[at + 1] == '*')) {
      at = skip_comment(text, at);
      strict += ' ';
    } else if (begins_name(c)) {
      auto end = at;
      while (end < text.size() && continues_name(text[end])) ++end;
      auto next = end;
      while (next < text.size() && is_blank(text[next])) ++next;
      const bool name = next < text.size() && text[next] == ':';  // else it is true, false or null
      strict.append(name ? "\"" : "").append(text.substr(at, end - at)).append(name ? "\"" : "");
      at = end;
    } else {
      strict += c;
      ++at;
    }
  }
  boost::json::parse_options options;
  options.max_depth = kDepth;
  options.allow_trailing_commas = true;
  boost::system::error_code error;
  auto value = boost::json::parse(strict, error, {}, options);
  if (error) return std::nullopt;
  return value;
}

}  // namespace portalkey::sandbox
