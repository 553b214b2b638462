#include "entra/oauth/access_token.h"

#include <boost/json.hpp>
#include <sstream>

#include "base/base64.h"
#include "base/foreign_text.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestClaim = 256, kMostOfAList = 200;

std::string raw_text(const boost::json::object& claims, std::string_view key) {
  const auto* value = claims.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string text(const boost::json::object& claims, std::string_view key) {
  return foreign_text(raw_text(claims, key), kLongestClaim);
}

std::string first_text(const boost::json::object& claims, std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) {
    if (auto found = text(claims, key); !found.empty()) return found;
  }
  return {};
}

std::vector<std::string> texts(const boost::json::object& claims, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* value = claims.if_contains(key); value != nullptr && value->is_array()) {
    for (const auto& item : value->get_array()) {
      if (item.is_string() && out.size() < kMostOfAList) out.push_back(foreign_text(item.get_string(), kLongestClaim));
    }
  }
  return out;
}

}  // namespace

Result<AccessTokenClaims> read_claims(const Secret& access_token) {
  const auto unreadable = [] { return fail(Errc::internal, "Entra's access token is not a readable JWT"); };
  std::optional<std::string> payload;
  access_token.reveal([&](std::string_view jwt) {
    const auto first = jwt.find('.');
    const auto second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
    if (second != std::string_view::npos) payload = decode_base64url(jwt.substr(first + 1, second - first - 1));
  });
  if (!payload) return unreadable();
  boost::system::error_code problem;
  const auto parsed = parse_secret_json(*payload, problem);
  if (problem || !parsed.is_object()) return unreadable();
  const auto& claims = parsed.get_object();
  AccessTokenClaims out;
  out.tenant = text(claims, "tid");
  out.account = first_text(claims, {"upn", "preferred_username", "unique_name"});
  out.object_id = text(claims, "oid");
  out.nonce = raw_text(claims, "nonce");  // compared, never shown
  out.app = first_text(claims, {"appid", "azp"});
  out.delegated = !raw_text(claims, "scp").empty();
  out.roles = texts(claims, "wids");
  out.permissions = texts(claims, "roles");
  if (out.delegated) {
    out.permissions.clear();
    std::istringstream scopes(raw_text(claims, "scp"));
    for (std::string scope; out.permissions.size() < kMostOfAList && scopes >> scope;)
      out.permissions.push_back(foreign_text(scope, kLongestClaim));
  }
  out.methods = texts(claims, "amr");
  if (const auto* exp = claims.if_contains("exp"); exp != nullptr && exp->is_int64())
    out.expires = from_unix_seconds(exp->get_int64());
  return out;
}

std::string role_name(std::string_view template_id) {
  if (template_id == kGlobalAdministrator) return "Global Administrator";
  if (template_id == kPrivilegedAuthenticationAdministrator) return "Privileged Authentication Administrator";
  return std::string(template_id);
}

}  // namespace portalkey
