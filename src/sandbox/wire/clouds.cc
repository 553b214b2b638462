#include "sandbox/wire/clouds.h"

#include <algorithm>
#include <array>
#include <utility>

namespace portalkey::sandbox {
namespace {

constexpr SandboxCloud kClouds[] = {
    {"AzureCloud", "login.microsoftonline.com", "sts.windows.net", "vault.azure.net", "main.iam.ad.ext.azure.com",
     "74658136-14ec-4630-ad9b-26e160ff0fc6", "graph.microsoft.com", "management.azure.com", "microsoftonline.com",
     "https://microsoft.com/devicelogin"},
    {"AzureUSGovernment", "login.microsoftonline.us", "sts.windows.net", "vault.usgovcloudapi.net", "main.iam.ad.ext.azure.us",
     "ee62de39-b9b0-4886-aa58-08b89c4e3db3", "graph.microsoft.us", "management.usgovcloudapi.net", "microsoftonline.us",
     "https://microsoft.com/devicelogin"},
    {"AzureChinaCloud", "login.partner.microsoftonline.cn", "sts.chinacloudapi.cn", "vault.azure.cn",
     "main.iam.ad.ext.azure.cn", "", "microsoftgraph.chinacloudapi.cn", "management.chinacloudapi.cn",
     "partner.microsoftonline.cn", "https://microsoft.com/devicelogin"},
};

// Names that reach an authority besides its own.
constexpr std::pair<std::string_view, int> kAuthorityAliases[] = {
    {"login.windows.net", 0},
    {"sts.windows.net", 0},
    {"login.microsoft.com", 0},
    {"localhost", 0},
    {"127.0.0.1", 0},
    {"login.usgovcloudapi.net", 1},
    {"login.chinacloudapi.cn", 2},
    {"sts.chinacloudapi.cn", 2},
    {"login.partner.chinacloudapi.cn", 2},
};

constexpr std::string_view kDodGraph = "dod-graph.microsoft.us";  // the US cloud's second Graph
constexpr std::string_view kDevicePages[] = {"microsoft.com", "www.microsoft.com", "aka.ms"};

}  // namespace

std::string_view name_of(Service service) {
  switch (service) {
    case Service::login: return "login";
    case Service::device_page: return "device-page";
    case Service::vault: return "vault";
    case Service::portal: return "portal";
    case Service::graph: return "graph";
    case Service::imds: return "imds";
    case Service::arm: return "arm";
    case Service::unknown: return "unknown";
  }
  return "unknown";
}

std::span<const SandboxCloud> sandbox_clouds() { return kClouds; }

Route route_of(std::string_view host) {
  for (const auto& cloud : kClouds) {
    if (host == cloud.authority) return {Service::login, &cloud, {}};
    if (host == cloud.portal_host) return {Service::portal, &cloud, {}};
    if (host == cloud.graph_host) return {Service::graph, &cloud, {}};
    if (host == cloud.arm_host) return {Service::arm, &cloud, {}};
    const auto suffix = cloud.vault_suffix;
    if (host.ends_with(suffix) && host.size() > suffix.size() + 1 && host[host.size() - suffix.size() - 1] == '.') {
      const auto name = host.substr(0, host.size() - suffix.size() - 1);
      if (name.find('.') == std::string_view::npos) return {Service::vault, &cloud, std::string(name)};
    }
  }
  for (const auto& [alias, cloud] : kAuthorityAliases) {
    if (host == alias) return {Service::login, &kClouds[cloud], {}};
  }
  if (host == kDodGraph) return {Service::graph, &kClouds[1], {}};
  if (std::ranges::find(kDevicePages, host) != std::end(kDevicePages)) return {Service::device_page, &kClouds[0], {}};
  return {};
}

std::vector<std::string> certificate_names() {
  std::vector<std::string> names;
  for (const auto& cloud : kClouds) {
    names.emplace_back(cloud.authority);
    names.emplace_back(cloud.portal_host);
    names.push_back("*." + std::string(cloud.vault_suffix));
    names.emplace_back(cloud.graph_host);
    names.emplace_back(cloud.arm_host);
  }
  names.emplace_back(kDodGraph);
  for (const auto& [alias, cloud] : kAuthorityAliases) {
    if (alias != "127.0.0.1") names.emplace_back(alias);
  }
  for (const auto page : kDevicePages) names.emplace_back(page);
  return names;
}

}  // namespace portalkey::sandbox
