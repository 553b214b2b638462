#include "entra/cloud.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace portalkey {
namespace {

const std::vector<Cloud>& clouds() {
  static const std::vector<Cloud> all = {
      {"global", "login.microsoftonline.com", "vault.azure.net", "main.iam.ad.ext.azure.com",
       "74658136-14ec-4630-ad9b-26e160ff0fc6", "management.azure.com", "graph.microsoft.com", "api://AzureADTokenExchange"},
      {"usgov", "login.microsoftonline.us", "vault.usgovcloudapi.net", "main.iam.ad.ext.azure.us",
       "ee62de39-b9b0-4886-aa58-08b89c4e3db3", "management.usgovcloudapi.net", "graph.microsoft.us",
       "api://AzureADTokenExchangeUSGov"},
      {"usgov-dod", "login.microsoftonline.us", "vault.usgovcloudapi.net", "main.iam.ad.ext.azure.us",
       "ee62de39-b9b0-4886-aa58-08b89c4e3db3", "management.usgovcloudapi.net", "dod-graph.microsoft.us",
       "api://AzureADTokenExchangeUSGov"},
      {"china", "login.partner.microsoftonline.cn", "vault.azure.cn", "main.iam.ad.ext.azure.cn", "",
       "management.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn", "api://AzureADTokenExchangeChina"},
  };
  return all;
}

}  // namespace

std::vector<std::string> Cloud::hosts() const { return {authority, "." + vault_suffix, portal_api, arm, graph}; }

Result<Cloud> find_cloud(std::string_view name) {
  for (const Cloud& cloud : clouds()) {
    if (same_ignoring_case(cloud.name, name)) return cloud;
  }
  return fail(Errc::invalid_input, fmt::format("there is no cloud named \"{}\"", name),
              "Use one of: global, usgov, usgov-dod, china.");
}

}  // namespace portalkey
