#include "service/callers/entra_claims.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/guid.h"
#include "service/callers/narrowed_limits.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestUserName = 256;

std::unexpected<Error> refused(const char* why) { return fail(Errc::unauthenticated, why); }

/// The text of a claim; empty if it is absent or none.
std::string_view text_of(const boost::json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

std::optional<std::int64_t> moment_of(const boost::json::object& claims, std::string_view name) {
  const auto* value = claims.if_contains(name);
  return value != nullptr && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

Result<void> judge_issuer(const boost::json::object& claims, const ClaimRules& rules) {
  const std::string tenant(text_of(claims, "tid"));
  if (!rules.tenants.contains(tenant)) return refused("it is of another tenant");
  const auto version = text_of(claims, "ver"), issuer = text_of(claims, "iss");
  if (version == "1.0" && !rules.v1_issuer_host.empty()) {
    if (issuer != "https://" + rules.v1_issuer_host + '/' + tenant + '/')
      return refused("its issuer is not its tenant's (1.0)");
  } else if (version == "2.0") {
    if (issuer != "https://" + rules.authority + '/' + tenant + "/v2.0") return refused("its issuer is not its tenant's (2.0)");
  } else {
    return refused("its version is none that is known");
  }
  return {};
}

Result<void> judge_lifetime(const boost::json::object& claims, WallTime now) {
  const auto issued = moment_of(claims, "iat"), begins = moment_of(claims, "nbf"), ends = moment_of(claims, "exp");
  if (!issued || !begins || !ends) return refused("it does not say when it was issued, or from when to when it holds");
  const auto at = unix_seconds(now);
  if (*issued > at + kTokenLeeway.count()) return refused("it was issued in the future");
  if (*ends <= at - kTokenLeeway.count()) return refused("it is expired");
  if (*begins > at + kTokenLeeway.count()) return refused("it does not hold yet");
  return {};
}

/// Absent: none.
Result<std::set<Right>> rights_of_roles(const boost::json::object& claims) {
  std::set<Right> rights;
  const auto* roles = claims.if_contains("roles");
  if (roles == nullptr) return rights;
  if (!roles->is_array()) return refused("its roles are no list");
  for (const auto& role : roles->get_array()) {
    if (!role.is_string()) return refused("one of its roles is no text");
    if (const auto right = right_of(role.get_string())) rights.insert(*right);
  }
  return rights;
}

std::set<Right> rights_of_scopes(std::string_view scopes) {
  std::set<Right> rights;
  while (!scopes.empty()) {
    const auto word = scopes.substr(0, scopes.find(' '));
    if (const auto right = right_of(word)) rights.insert(*right);
    scopes.remove_prefix(std::min(word.size() + 1, scopes.size()));
  }
  return rights;
}

/// Whether it is an app's own or a user's, with the rights that gives.
Result<Caller> judge_kind(const boost::json::object& claims, const std::string& client) {
  Caller caller;
  const auto kind = text_of(claims, "idtyp");
  const std::string object = lower(text_of(claims, "oid"));
  if (claims.contains("nonce")) return refused("it has a nonce: it is an id token");
  if (claims.contains("cnf")) return refused("it is bound to a key of its holder, which is not shown");
  if (claims.contains("idtyp") && kind != "user" && kind != "app") return refused("it is neither a user's nor an app's");
  if (claims.contains("scp")) {
    if (kind == "app") return refused("it is an app's, but has a user's scopes");
    if (text_of(claims, "scp").empty()) return refused("its scopes are no text");
    if (!is_guid(object)) return refused("it does not say which user's it is");
    caller.kind = Caller::Kind::user;
    caller.id = object;
    for (const char* name : {"upn", "preferred_username", "unique_name"}) {
      if (caller.name.empty()) caller.name = foreign_text(text_of(claims, name), kLongestUserName);
    }
    if (caller.name.empty()) caller.name = object;
    const auto scopes = rights_of_scopes(text_of(claims, "scp"));
    const auto roles = rights_of_roles(claims);
    if (!roles) return std::unexpected(roles.error());
    std::ranges::set_intersection(scopes, *roles, std::inserter(caller.rights, caller.rights.end()));
    return caller;
  }
  const bool app = kind == "app" || (kind.empty() && is_guid(object) && lower(text_of(claims, "sub")) == object);
  if (!app) return refused("it has no scopes, and is no app's: an id token is none to call with");
  auto rights = rights_of_roles(claims);
  if (!rights) return pass(rights);
  caller.kind = Caller::Kind::app;
  caller.id = caller.name = client;
  caller.rights = std::move(*rights);
  return caller;
}

}  // namespace

Result<Caller> judge_claims(const boost::json::object& claims, const ClaimRules& rules, WallTime now) {
  if (auto fine = judge_issuer(claims, rules); !fine) return pass(fine);
  if (!rules.audiences.contains(std::string(text_of(claims, "aud")))) return refused("it is for another audience");
  if (auto fine = judge_lifetime(claims, now); !fine) return pass(fine);
  const std::string client = lower(text_of(claims, text_of(claims, "ver") == "1.0" ? "appid" : "azp"));
  if (!is_guid(client)) return refused("it does not say to which app it was given");
  auto caller = judge_kind(claims, client);
  if (!caller) return caller;
  caller->tenant = text_of(claims, "tid");
  if (caller->rights.empty())
    return fail(Errc::forbidden, "it has no right here: an app needs a role, a user a role and a scope of the same name");
  const std::string object = lower(text_of(claims, "oid"));
  for (const auto& [id, limits] : rules.limits) {
    if (id != client && id != object) continue;
    auto left = narrowed(caller->limits, limits);
    if (!left) return fail(Errc::forbidden, "the limits of the user and of the app leave nothing");
    caller->limits = std::move(*left);
  }
  return caller;
}

}  // namespace portalkey
