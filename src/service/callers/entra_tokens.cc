#include "service/callers/entra_tokens.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/guid.h"
#include "entra/oauth/cloud.h"
#include "service/callers/entra_claims.h"
#include "service/callers/entra_keys.h"
#include "service/callers/signed_token.h"
#include "service/callers/strict_json.h"

namespace portalkey {
namespace {

constexpr std::string_view kGraphApp = "00000003-0000-0000-c000-000000000000";
constexpr std::string_view kArmApp = "797f4846-ba00-4fd7-ba43-dac1f8f63013";

/// Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference; of China as seen.
std::string v1_issuer_host(const Cloud& cloud) { return cloud.name == "china" ? "sts.chinacloudapi.cn" : "sts.windows.net"; }

bool is_of_microsoft(const Cloud& cloud, std::string_view audience) {
  while (audience.ends_with('/')) audience.remove_suffix(1);
  for (const std::string& own : {std::string(kGraphApp), std::string(kArmApp), cloud.graph_resource(), cloud.arm_resource(),
                                 cloud.vault_resource(), cloud.portal_resource}) {
    if (!own.empty() && same_ignoring_case(audience, own)) return true;
  }
  return false;
}

Result<ClaimRules> rules_of(EntraTokenSettings settings, const Cloud& cloud) {
  ClaimRules rules{cloud.authority, v1_issuer_host(cloud), {}, {}, {}};
  for (const auto& tenant : settings.tenants) {
    if (!is_guid(tenant))
      return fail(Errc::invalid_input,
                  fmt::format("\"{}\" is no tenant id, whose access tokens could be accepted", foreign_text(tenant, 100)),
                  "Write the tenant's id, a GUID, not one of its domains.");
    rules.tenants.insert(lower(tenant));
  }
  for (auto& audience : settings.audiences) {
    if (audience.empty() || is_of_microsoft(cloud, audience))
      return fail(Errc::invalid_input,
                  fmt::format("\"{}\" is no audience that this service can have", foreign_text(audience, 100)),
                  "Write the application id of the service's own app registration, or its URI (api://…).");
    rules.audiences.insert(std::move(audience));
  }
  if (rules.tenants.empty() || rules.audiences.empty())
    return fail(Errc::invalid_input,
                "access tokens are accepted of certain tenants and for certain audiences; one of both is missing",
                "Name at least one tenant and one audience.");
  for (auto& [id, limits] : settings.limits) rules.limits.emplace_back(lower(id), std::move(limits));
  return rules;
}

/// Of all tenants: Entra signs with the same keys for each, and names with each key whose tokens it signs. Keys that are an
/// app's own stand in its tenant's set only.
Result<Url> key_set_address(const Cloud& cloud, const EntraTokenSettings& settings) {
  const std::string begin = "https://" + cloud.authority + '/', end = "/discovery/v2.0/keys";
  if (settings.own_keys_of.empty()) return Url(begin + "common" + end);
  if (!is_guid(settings.own_keys_of) || settings.tenants.size() != 1 || !is_guid(settings.tenants.front()))
    return fail(Errc::invalid_input, "signing keys of its own has one app of one tenant",
                "Name the service's application id, a GUID, and one tenant.");
  return Url(begin + lower(settings.tenants.front()) + end + "?appid=" + lower(settings.own_keys_of));
}

class EntraTokensByKeySet final : public EntraTokens {
 public:
  EntraTokensByKeySet(Url key_set, ClaimRules rules, Http& http, Clock& clock)
      : rules_(std::move(rules)), keys_(std::move(key_set), http, clock), clock_(clock) {}

  Result<Caller> caller_of(std::string_view text) override {
    auto token = take_token_apart(text);
    if (!token) return pass(token);
    auto key = keys_.key(token->kid);
    if (!key) return pass(key);
    if (!(*key)->signed_it(token->signed_part, token->signature))
      return fail(Errc::unauthenticated, "its signature is not that of the key it names");
    const auto claims = strict_json_object(token->claims);
    if (!claims) return fail(Errc::unauthenticated, "its claims are no JSON, or can be read in two ways");
    const auto* tenant = claims->if_contains("tid");
    if (tenant == nullptr || !tenant->is_string() || !(*key)->is_for(tenant->get_string()))
      return fail(Errc::unauthenticated, "the key that signed it is another tenant's");
    return judge_claims(*claims, rules_, clock_.now());
  }

 private:
  const ClaimRules rules_;
  EntraKeys keys_;
  Clock& clock_;
};

}  // namespace

Result<std::unique_ptr<EntraTokens>> make_entra_tokens(EntraTokenSettings settings, Http& http, Clock& clock) {
  auto cloud = find_cloud(settings.cloud);
  if (!cloud) return pass(cloud);
  auto key_set = key_set_address(*cloud, settings);
  if (!key_set) return pass(key_set);
  auto rules = rules_of(std::move(settings), *cloud);
  if (!rules) return pass(rules);
  return std::make_unique<EntraTokensByKeySet>(std::move(*key_set), std::move(*rules), http, clock);
}

}  // namespace portalkey
