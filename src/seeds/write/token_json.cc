#include "seeds/write/token_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <iterator>
#include <optional>
#include <string_view>

#include "base/secret_json.h"
#include "otp/base32.h"

namespace portalkey {
namespace {

/// One object, a member at a time: a value for each would cost more than all the rest of reading a token.
class Members {
 public:
  explicit Members(std::string& to) : to_(to) { to_ += '{'; }

  void text(std::string_view name, std::string_view value) {
    begin(name);
    const bool simple = std::ranges::all_of(value, [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
    });
    if (!simple) return append_secret_json(boost::json::value(value), to_);
    to_ += '"';
    to_ += value;
    to_ += '"';
  }
  void text_or_null(std::string_view name, std::string_view value) { value.empty() ? null(name) : text(name, value); }
  void text_if_any(std::string_view name, std::string_view value) {
    if (!value.empty()) text(name, value);
  }
  void number(std::string_view name, std::int64_t value) {
    begin(name);
    fmt::format_to(std::back_inserter(to_), FMT_STRING("{}"), value);
  }
  template <class Number>
  void number_or_null(std::string_view name, const std::optional<Number>& value) {
    value ? number(name, *value) : null(name);
  }
  void boolean(std::string_view name, bool value) {
    begin(name);
    to_ += value ? "true" : "false";
  }
  void null(std::string_view name) {
    begin(name);
    to_ += "null";
  }
  /// What follows is the value.
  void begin(std::string_view name) {
    if (!first_) to_ += ',';
    first_ = false;
    to_ += '"';
    to_ += name;
    to_ += "\":";
  }
  void end() { to_ += '}'; }

 private:
  std::string& to_;
  bool first_ = true;
};

/// As the bytes encode, so that files of different spelling compare equal.
void add_secret(const TokenSeed& token, Members& members) {
  constexpr std::string_view kName = "secretBase32";
  if (token.base32.empty()) return members.null(kName);
  const auto add = [&](std::string_view text) { members.text(kName, text); };
  if (token.base32.size() % 8 == 0) return token.base32.reveal(add);  // no bits are left over
  token.key().reveal([&](std::string_view bytes) { encode_base32(bytes).reveal(add); });
}

void add_entra(const TokenSeed& token, Members& members, std::string& to) {
  const auto portal = why_not_portal(token), graph = why_not_graph(token);
  members.begin("entra");
  Members entra(to);
  entra.boolean("portal", portal.empty());
  entra.boolean("graph", graph.empty());
  entra.text_if_any("why", portal);
  if (!portal.empty())
    entra.text("remedy", graph.empty() ? "Microsoft Graph takes it: --backend graph." : remedy_for_entra(token));
  entra.end();
}

}  // namespace

void append_token_json(const TokenSeed& token, TokenJson shown, std::string& to) {
  Members members(to);
  if (shown.place) members.number("line", token.line);
  members.text("upn", token.upn);
  members.text_or_null("serial", token.serial);
  members.text_or_null("type", name_of(token.type));
  members.text_or_null("hash", token.hash ? name_of(*token.hash) : "");
  members.number_or_null("digits", token.digits);
  members.number_or_null("step", token.step);
  members.text("manufacturer", token.manufacturer);
  members.text("model", token.model);
  if (shown.place && token.nth != 0) members.number("key", token.nth);
  if (token.details) {
    const auto& d = *token.details;
    members.text_if_any("algorithm", d.algorithm);
    members.text_if_any("suite", d.suite);
    members.text_if_any("issuer", d.issuer);
    members.text_if_any("label", d.label);
    members.text_if_any("keyId", d.key_id);
    members.text_if_any("userId", d.user_id);
    members.text_if_any("friendlyName", d.friendly_name);
    members.text_if_any("issueNo", d.issue_no);
    members.text_if_any("assignTo", d.assign_to);
    members.text_if_any("notBefore", d.not_before);
    members.text_if_any("notAfter", d.not_after);
    if (d.counter) members.number("counter", *d.counter);
    if (d.drift) members.number("drift", *d.drift);
  }
  if (shown.secret) add_secret(token, members);
  add_entra(token, members, to);
  members.end();
}

}  // namespace portalkey
