#include "service/callers/signed_token.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "service/callers/strict_json.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestKid = 256;

std::optional<std::string> header_text(const boost::json::object& header, std::string_view name) {
  const auto* value = header.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

/// Empty: nothing.
std::string why_not(const boost::json::object& header) {
  if (header_text(header, "alg") != "RS256") return "its algorithm is not RS256";
  for (const char* name : {"crit", "b64", "zip", "enc"}) {
    if (header.contains(name)) return "its header wants something understood that is not";
  }
  if (header.contains("nonce")) return "its header has a nonce: it is for an API of Microsoft's own";
  if (const auto type = header_text(header, "typ"); !type || !same_ignoring_case(*type, "JWT")) return "its type is not JWT";
  const auto kid = header_text(header, "kid");
  if (!kid || kid->empty() || kid->size() > kLongestKid) return "its header names no key";
  return {};
}

}  // namespace

Result<SignedToken> take_token_apart(std::string_view text) {
  const auto refused = [](std::string why) { return fail(Errc::unauthenticated, std::move(why)); };
  if (text.size() > kLongestToken) return refused("it is too long");
  if (std::ranges::count(text, '.') != 2) return refused("it does not consist of three parts");
  const auto first = text.find('.'), last = text.rfind('.');
  const auto header_bytes = decode_base64url(text.substr(0, first));
  auto claims = decode_base64url(text.substr(first + 1, last - first - 1));
  auto signature = decode_base64url(text.substr(last + 1));
  if (!header_bytes || !claims || !signature) return refused("a part of it is not base64url");
  if (signature->empty()) return refused("it is not signed");
  const auto header = strict_json_object(*header_bytes);
  if (!header) return refused("its header is no JSON, or can be read in two ways");
  if (auto why = why_not(*header); !why.empty()) return refused(std::move(why));
  return SignedToken{*header_text(*header, "kid"), std::move(*claims), text.substr(0, last), std::move(*signature)};
}

}  // namespace portalkey
