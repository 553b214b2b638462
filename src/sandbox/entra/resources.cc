#include "sandbox/entra/resources.h"

#include <algorithm>

#include "base/ascii.h"
#include "sandbox/entra/app_settings.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kArmAppId = "797f4846-ba00-4fd7-ba43-dac1f8f63013";
constexpr std::string_view kGraphAppId = "00000003-0000-0000-c000-000000000000";

constexpr std::string_view kArmHosts[] = {"https://management.azure.com",         "https://management.core.windows.net",
                                          "https://management.usgovcloudapi.net", "https://management.core.usgovcloudapi.net",
                                          "https://management.chinacloudapi.cn",  "https://management.core.chinacloudapi.cn"};
constexpr std::string_view kGraphHosts[] = {"https://graph.microsoft.com", "https://graph.microsoft.us",
                                            "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn"};

std::string normal(std::string_view identifier) {
  while (identifier.ends_with('/')) identifier.remove_suffix(1);
  return lower(identifier);
}

bool is_uri_of(std::string_view identifier, std::string_view host) {
  return identifier.starts_with("https://") && identifier.substr(8) == host;
}

/// An app registration of the tenant, by client id or by an identifier URI, if it has a service principal there.
std::optional<Resource> own_api(const World& world, const std::string& id) {
  for (const auto& [client_id, app] : world.state.apps) {
    bool found = id == client_id || id == "api://" + client_id;
    if (!found && app.settings.find("identifierUris") != std::string::npos) {
      for (const auto& uri : setting_strings(settings_of(app), {"identifierUris"})) found = found || normal(uri) == id;
    }
    if (found && find_service_principal(world, client_id) != nullptr) {
      return Resource{ResourceKind::own, client_id, access_token_version(app)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Resource> find_resource(const World& world, std::string_view identifier) {
  const std::string id = normal(identifier);
  if (id.empty()) return std::nullopt;
  for (const auto& cloud : sandbox_clouds()) {
    if ((!cloud.portal_app_id.empty() && id == cloud.portal_app_id) || is_uri_of(id, cloud.portal_host)) {
      return Resource{ResourceKind::portal, std::string(cloud.portal_app_id)};
    }
    if (is_uri_of(id, cloud.vault_suffix)) return Resource{ResourceKind::vault, std::string(kVaultAppId)};
  }
  if (id == lower(world.options.china_portal_app_id)) return Resource{ResourceKind::portal, id};
  if (id == kVaultAppId) return Resource{ResourceKind::vault, id};
  if (id == kArmAppId) return Resource{ResourceKind::arm, id};
  if (id == kGraphAppId) return Resource{ResourceKind::graph, id};
  for (const auto host : kArmHosts) {
    if (id == host) return Resource{ResourceKind::arm, std::string(kArmAppId)};
  }
  for (const auto host : kGraphHosts) {
    if (id == host) return Resource{ResourceKind::graph, std::string(kGraphAppId)};
  }
  const auto is_exchange = [&](std::string_view uri) { return same_ignoring_case(uri, id); };
  if (id == kTokenExchangeAppId || std::ranges::any_of(kTokenExchangeUris, is_exchange)) {
    return Resource{ResourceKind::token_exchange, std::string(kTokenExchangeAppId), 2};
  }
  return own_api(world, id);
}

bool portal_accepts(const World& world, const SandboxCloud& cloud, std::string_view audience) {
  const std::string id = normal(audience);
  if (is_uri_of(id, cloud.portal_host)) return true;
  if (!cloud.portal_app_id.empty()) return id == cloud.portal_app_id;
  // China: the id is not published, so take what the options say, or the Global one.
  return id == lower(world.options.china_portal_app_id) || id == sandbox_clouds().front().portal_app_id;
}

bool vault_accepts(const SandboxCloud& cloud, std::string_view audience) {
  const std::string id = normal(audience);
  return id == kVaultAppId || is_uri_of(id, cloud.vault_suffix);
}

bool arm_accepts(const SandboxCloud& cloud, std::string_view audience) {
  const std::string id = normal(audience);
  return id == kArmAppId || is_uri_of(id, cloud.arm_host) || is_uri_of(id, core_arm_host(cloud));
}

std::string_view core_arm_host(const SandboxCloud& cloud) {
  if (cloud.name == "AzureUSGovernment") return "management.core.usgovcloudapi.net";
  return cloud.name == "AzureChinaCloud" ? "management.core.chinacloudapi.cn" : "management.core.windows.net";
}

}  // namespace portalkey::sandbox
