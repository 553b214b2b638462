// The token endpoint: what is asked for, and by which grant.

#include <algorithm>
#include <utility>

#include "sandbox/entra/grants.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kGraphResource = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view kOidcScopes[] = {"openid", "profile", "email", "offline_access"};

/// `https://vault.azure.net/.default` -> `https://vault.azure.net`; a bare `User.Read` is Graph's.
std::string resource_of_scope(const std::string& scope) {
  if (scope.ends_with("/.default")) return scope.substr(0, scope.size() - 9);
  const auto slash = scope.rfind('/');
  if (slash == std::string::npos) return std::string(kGraphResource);
  return scope.substr(0, slash);
}

}  // namespace

bool is_oidc_scope(std::string_view scope) { return std::ranges::find(kOidcScopes, scope) != std::end(kOidcScopes); }

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = trimmed(text)).empty()) {
    const auto end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  }
  return words;
}

bool Wanted::has(std::string_view scope) const { return std::ranges::find(scopes, scope) != scopes.end(); }

int read_wanted(const EntraCall& call, Wanted& wanted) {
  const auto scope = call.parameter("scope");
  if (call.version1) {
    wanted.identifier = call.parameter("resource").value_or("");
    for (auto& word : words_of(scope.value_or(""))) {  // version 1 takes OpenID Connect's scopes and ignores the rest
      if (is_oidc_scope(word)) wanted.scopes.push_back(std::move(word));
    }
    return 0;
  }
  if (call.parameter("resource")) return 901002;
  if (!scope) {
    const bool empty = std::ranges::any_of(call.form, [](const auto& item) { return item.first == "scope"; });
    return empty ? 28003 : 0;
  }
  for (auto& word : words_of(*scope)) {
    if (!is_oidc_scope(word)) {
      std::string identifier = resource_of_scope(word);
      if (identifier.empty()) return 70011;
      if (!wanted.identifier.empty() && wanted.identifier != identifier) return 28000;
      wanted.identifier = std::move(identifier);
    }
    wanted.scopes.push_back(std::move(word));
  }
  return 0;
}

int why_not(const World&, const Client& client, const std::optional<Resource>& resource) {
  if (!resource) return 500011;
  return resource->kind == ResourceKind::portal && !client.first_party ? 65002 : 0;
}

HttpResponse token_endpoint(EntraCall& call) {
  ErrorDetails details = call.details();
  const auto grant = call.parameter("grant_type");
  if (!grant) {
    details.value = "grant_type";
    return call.error(900144, details);
  }
  const auto identified = identify(call);
  details.client = identified.client.id;
  details.value = identified.detail;
  if (identified.error != 0) return call.error(identified.error, details);
  if (!call.version1 && call.parameter("resource")) return call.error(901002, details);
  if (*grant == "refresh_token") return refresh_grant(call, identified.client);
  if (*grant == "authorization_code") return authorization_code_grant(call, identified.client);
  // The short name is version 1's; MSAL for JavaScript sends it to version 2.
  if (*grant == "urn:ietf:params:oauth:grant-type:device_code" || *grant == "device_code")
    return device_code_grant(call, identified.client);
  if (*grant == "client_credentials") return client_credentials_grant(call, identified.client);
  if (*grant == "urn:ietf:params:oauth:grant-type:jwt-bearer") return on_behalf_of_grant(call, identified.client);
  details.value = *grant;
  return call.error(70003, details);
}

}  // namespace portalkey::sandbox
