#include "oath/write/token_json.h"

#include <string_view>
#include <utility>

#include "oath/base32.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object entra(const TokenSeed& token, const json::storage_ptr& memory) {
  const auto portal = why_not_portal(token), graph = why_not_graph(token);
  json::object out({{"portal", portal.empty()}, {"graph", graph.empty()}}, memory);
  if (!portal.empty()) out["why"] = portal;
  return out;
}

}  // namespace

json::object token_json(const TokenSeed& token, bool reveal_secret, json::storage_ptr memory) {
  json::object out({{"line", token.line},
                    {"upn", token.upn},
                    {"serial", text_or_null(token.serial)},
                    {"type", text_or_null(name_of(token.type))},
                    {"hash", text_or_null(token.hash ? name_of(*token.hash) : "")},
                    {"digits", token.digits ? json::value(*token.digits) : json::value(nullptr)},
                    {"step", token.step ? json::value(*token.step) : json::value(nullptr)},
                    {"manufacturer", token.manufacturer},
                    {"model", token.model}},
                   20, std::move(memory));
  if (token.nth != 0) out["key"] = token.nth;
  if (token.details) {
    const auto& d = *token.details;
    const auto add = [&](std::string_view name, const std::string& text) {
      if (!text.empty()) out[name] = text;
    };
    add("algorithm", d.algorithm);
    add("suite", d.suite);
    add("issuer", d.issuer);
    add("label", d.label);
    add("keyId", d.key_id);
    add("userId", d.user_id);
    add("friendlyName", d.friendly_name);
    add("assignTo", d.assign_to);
    add("notBefore", d.not_before);
    add("notAfter", d.not_after);
    if (d.counter) out["counter"] = *d.counter;
    if (d.drift) out["drift"] = *d.drift;
  }
  if (reveal_secret && token.base32.empty()) {
    out["secretBase32"] = nullptr;
  } else if (reveal_secret) {  // as the bytes encode, so that files of different spelling compare equal
    token.key().reveal([&](std::string_view bytes) {
      encode_base32(bytes).reveal([&](std::string_view text) { out["secretBase32"] = text; });
    });
  }
  out["entra"] = entra(token, out.storage());
  return out;
}

}  // namespace portalkey
