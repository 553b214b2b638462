#include "seeds/write/token_json.h"

#include <boost/json.hpp>
#include <optional>
#include <string_view>

#include "base/secret_json.h"
#include "otp/base32.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

template <class Number>
json::value number_or_null(const std::optional<Number>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

/// As the bytes encode, so that files of different spelling compare equal.
json::value secret_or_null(const TokenSeed& token) {
  if (token.base32.empty()) return nullptr;
  const auto value = [](std::string_view text) { return json::value(text); };
  if (token.base32.size() % 8 == 0) return token.base32.reveal(value);  // no bits are left over
  return token.key().reveal([&](std::string_view bytes) { return encode_base32(bytes).reveal(value); });
}

json::object entra_of(const TokenSeed& token, const Words& words) {
  const auto refused = why_not(token, Backend::portal);
  json::object entra{{"portal", !refused}, {"graph", !refused || refused->graph_would}};
  if (!refused) return entra;
  entra["why"] = words(refused->why);
  entra["remedy"] = words(refused->remedy);
  return entra;
}

void add_details(const TokenDetails& details, json::object& to) {
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) to[name] = text;
  };
  add("algorithm", details.algorithm);
  add("suite", details.suite);
  add("issuer", details.issuer);
  add("label", details.label);
  add("keyId", details.key_id);
  add("userId", details.user_id);
  add("friendlyName", details.friendly_name);
  add("issueNo", details.issue_no);
  add("assignTo", details.assign_to);
  add("notBefore", details.not_before);
  add("notAfter", details.not_after);
  if (details.counter) to["counter"] = *details.counter;
  if (details.drift) to["drift"] = *details.drift;
  if (details.time) to["time"] = *details.time;
  add("made", details.made);
}

}  // namespace

void append_token_json(const TokenSeed& token, TokenJson shown, const Words& words, std::string& to) {
  json::object out;
  if (shown.place) out["line"] = token.line;
  out["upn"] = token.upn;
  out["serial"] = text_or_null(token.serial);
  out["type"] = text_or_null(name_of(token.type));
  out["hash"] = text_or_null(token.hash ? name_of(*token.hash) : "");
  out["digits"] = number_or_null(token.digits);
  out["step"] = number_or_null(token.step);
  out["manufacturer"] = token.manufacturer;
  out["model"] = token.model;
  if (shown.place && token.nth != 0) out["key"] = token.nth;
  if (token.details) add_details(*token.details, out);
  if (shown.secret) out["secretBase32"] = secret_or_null(token);
  out["entra"] = entra_of(token, words);
  append_secret_json(out, to);
}

}  // namespace portalkey
