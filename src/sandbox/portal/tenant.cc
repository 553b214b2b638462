// Reads about the tenant: licences, properties, what the caller may do.

#include <optional>

#include "sandbox/portal/call.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

json::object plan(std::string_view name, std::string_view id, std::string_view type, std::string_view display) {
  return {{"provisioningStatus", "Success"},
          {"servicePlan", {{"serviceName", name}, {"servicePlanId", id}, {"serviceType", type}, {"displayName", display}}}};
}

json::object sku(const World& world, std::string_view name, std::string_view part, std::string_view id, int total, int used,
                 json::array plans) {
  return {{"name", name},
          {"accountId", world.state.tenant_id},
          {"accountSkuId", std::string(kTenantName) + ':' + std::string(part)},
          {"availableUnits", total - used},
          {"totalUnits", total},
          {"consumedUnits", used},
          {"skuId", id},
          {"isDepartment", false},
          {"warningUnits", 0},
          {"serviceStatuses", std::move(plans)}};
}

HttpResponse account_skus(const PortalCall& call) {
  const auto p1 = plan("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AADPremiumService", "Microsoft Entra ID P1");
  const auto p2 = plan("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998", "AADPremiumService", "Microsoft Entra ID P2");
  const auto mfa = plan("MFA_PREMIUM", "8a256a2b-b617-496d-b51b-e76466e88db0", "MultiFactorService",
                        "Microsoft Entra multifactor authentication");
  const auto exchange =
      plan("EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0", "Exchange", "Exchange Online (Plan 2)");
  const auto sharepoint =
      plan("SHAREPOINTENTERPRISE", "5dbe027f-2339-4123-9542-606e4d348a72", "SharePoint", "SharePoint (Plan 2)");
  const auto flow = plan("FLOW_P2_VIRAL", "50e68c76-46c6-4674-81f9-75456511b170", "ProcessSimple", "Power Automate Free");
  json::array skus;
  if (call.world.options.premium_licence) {
    skus.push_back(sku(call.world, "Microsoft 365 E5 Developer", "DEVELOPERPACK_E5", "c42b9cae-ea4f-4ab7-9717-81576235ccac", 25,
                       23, {p1, p2, mfa, exchange, sharepoint}));
    skus.push_back(
        sku(call.world, "Microsoft Entra ID P1", "AAD_PREMIUM", "078d2b04-f1bd-4111-bbd4-b4b1b354cef4", 500, 412, {p1, mfa}));
  }
  skus.push_back(sku(call.world, "Office 365 E3", "ENTERPRISEPACK", "6fd2c87f-b296-42f0-b197-1e91e994b900", 500, 471,
                     {exchange, sharepoint}));
  skus.push_back(
      sku(call.world, "Microsoft Power Automate Free", "FLOW_FREE", "f30db892-07e9-47e9-837c-80727f46fd3d", 10000, 37, {flow}));
  return json_answer(200, skus);
}

HttpResponse properties(const PortalCall& call) {
  return json_answer(200, {{"objectId", call.world.state.tenant_id},
                           {"displayName", "Contoso"},
                           {"companyLastDirSyncTime", nullptr},
                           {"dirSyncEnabled", nullptr},
                           {"replicationScope", "EU"},
                           {"dataCenterLocation", {{"displayName", "EU Model Clause compliant datacenters"}}},
                           {"countryLetterCode", "DE"},
                           {"preferredLanguage", "en"},
                           {"technicalNotificationMails", json::array{kAdminAccount}},
                           {"privacyProfile", {{"contactEmail", nullptr}, {"statementUrl", nullptr}}}});
}

HttpResponse permissions(const PortalCall& call) {
  json::array roles;
  for (const auto& role : call.user->roles) roles.emplace_back(role);
  return json_answer(200, {{"objectId", call.user->oid},
                           {"userPrincipalName", call.user->upn},
                           {"isGlobalAdmin", call.administers()},
                           {"roles", std::move(roles)}});
}

}  // namespace

std::optional<HttpResponse> tenant_reads(PortalCall& call) {
  const bool get = call.request.method == "GET";
  if (get && call.path == "/accountskus") return account_skus(call);
  if (get && call.path == "/directories/properties") return properties(call);
  if (get && call.path == "/permissions") return permissions(call);
  if (get && call.path == "/multifactorauthentication/haspaidsubscription") {
    return json_answer(200, call.world.options.premium_licence);
  }
  return std::nullopt;
}

}  // namespace portalkey::sandbox
