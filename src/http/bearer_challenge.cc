#include "http/bearer_challenge.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/base64.h"

namespace portalkey {
namespace {

bool is_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").contains(c);
}

/// One WWW-Authenticate value, read from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<std::map<std::string, std::string>> bearer() {
    std::optional<std::map<std::string, std::string>> found;
    bool inside = false;
    for (;;) {
      skip(" \t,");
      if (text_.empty()) return found;
      const std::string name = lower(word());
      if (name.empty()) {  // not a word: nothing we know; go on behind the next comma
        text_.remove_prefix(std::min(text_.find(','), text_.size()));
        continue;
      }
      skip(" \t");
      if (!text_.starts_with('=')) {  // a word alone begins the next challenge
        if (found) return found;
        inside = name == "bearer";
        if (inside) found.emplace();
        continue;
      }
      text_.remove_prefix(1);
      skip(" \t");
      std::string value = text_.starts_with('"') ? quoted() : until_comma();
      if (inside) found->emplace(name, std::move(value));
    }
  }

 private:
  void skip(std::string_view these) { text_.remove_prefix(std::min(text_.find_first_not_of(these), text_.size())); }
  std::string_view word() {
    const auto end = std::ranges::find_if_not(text_, is_token) - text_.begin();
    const auto out = text_.substr(0, static_cast<std::size_t>(end));
    text_.remove_prefix(out.size());
    return out;
  }
  std::string quoted() {
    std::string out;
    std::size_t i = 1;
    for (; i < text_.size() && text_[i] != '"'; ++i) {
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      out += text_[i];
    }
    text_.remove_prefix(std::min(i + 1, text_.size()));
    return out;
  }
  std::string until_comma() {  // not the grammar's word: base64 may stand here without quotes
    const auto out = text_.substr(0, text_.find_first_of(", \t"));
    text_.remove_prefix(out.size());
    return std::string(out);
  }

  std::string_view text_;
};

std::optional<std::string> decode_either_base64(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  while (text.ends_with('=')) text.pop_back();
  return decode_base64url(text);
}

}  // namespace

std::optional<std::map<std::string, std::string>> bearer_challenge(const Response& response) {
  const auto [begin, end] = response.headers.equal_range("www-authenticate");
  for (auto header = begin; header != end; ++header) {
    if (auto found = Reader(header->second).bearer()) return found;
  }
  return std::nullopt;
}

std::optional<std::string> demanded_claims(const Response& response) {
  if (response.status != 401) return std::nullopt;
  const auto challenge = bearer_challenge(response);
  if (!challenge) return std::nullopt;
  const auto error = challenge->find("error");
  const auto claims = challenge->find("claims");
  if (error == challenge->end() || error->second != "insufficient_claims" || claims == challenge->end()) return std::nullopt;
  auto decoded = decode_either_base64(claims->second);
  return decoded && !decoded->empty() ? decoded : std::nullopt;
}

}  // namespace portalkey
