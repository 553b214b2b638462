#include "entra/oauth/cloud.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"

namespace portalkey {
namespace {

const std::vector<Cloud>& clouds() {
  static const std::vector<Cloud> all = {
      {"global",
       "login.microsoftonline.com",
       "vault.azure.net",
       "main.iam.ad.ext.azure.com",
       "74658136-14ec-4630-ad9b-26e160ff0fc6",
       "management.azure.com",
       "graph.microsoft.com",
       "api://AzureADTokenExchange",
       {"login.windows.net", "sts.windows.net", "login.microsoft.com"}},
      {"usgov",
       "login.microsoftonline.us",
       "vault.usgovcloudapi.net",
       "main.iam.ad.ext.azure.us",
       "ee62de39-b9b0-4886-aa58-08b89c4e3db3",
       "management.usgovcloudapi.net",
       "graph.microsoft.us",
       "api://AzureADTokenExchangeUSGov",
       {}},
      // The portal API's application id is recorded for GCC High only; that DoD has the same is a guess.
      {"usgov-dod",
       "login.microsoftonline.us",
       "vault.usgovcloudapi.net",
       "main.iam.ad.ext.azure.us",
       "",
       "management.usgovcloudapi.net",
       "dod-graph.microsoft.us",
       "api://AzureADTokenExchangeUSGov",
       {}},
      {"china",
       "login.partner.microsoftonline.cn",
       "vault.azure.cn",
       "main.iam.ad.ext.azure.cn",
       "",
       "management.chinacloudapi.cn",
       "microsoftgraph.chinacloudapi.cn",
       "api://AzureADTokenExchangeChina",
       {"login.chinacloudapi.cn"}},
  };
  return all;
}

}  // namespace

std::vector<std::string> Cloud::hosts() const {
  std::vector<std::string> out;
  for (const auto& host : {authority, portal_api, arm, graph}) {
    if (!host.empty()) out.push_back(host);
  }
  if (!vault_suffix.empty()) out.push_back("." + vault_suffix);
  return out;
}

bool Cloud::has_sign_in_page(std::string_view host) const {
  // What Entra has been seen to name in its device code answers, whatever the cloud.
  static constexpr std::string_view kMicrosofts[] = {"microsoft.com", "www.microsoft.com", "login.microsoft.com"};
  return host == authority || std::ranges::find(other_authorities, host) != other_authorities.end() ||
         std::ranges::find(kMicrosofts, host) != std::end(kMicrosofts);
}

Result<void> needs(const Cloud& cloud, const std::string& value, std::string_view setting, std::string_view what_for) {
  if (!value.empty()) return {};
  return std::unexpected(Error{Errc::invalid_input,
                               fmt::format("the cloud {} has no `{}`, which {} needs", cloud.name, setting, what_for),
                               fmt::format("Set {} in the table [cloud.{}] of the config file.", setting, cloud.name),
                               {{"cloud", cloud.name}}});
}

const Cloud* cloud_of_authority(std::string_view host) {
  for (const Cloud& cloud : clouds()) {
    if (same_ignoring_case(cloud.authority, host)) return &cloud;
    for (const auto& other : cloud.other_authorities) {
      if (same_ignoring_case(other, host)) return &cloud;
    }
  }
  return nullptr;
}

Result<Cloud> find_cloud(std::string_view name) {
  for (const Cloud& cloud : clouds()) {
    if (same_ignoring_case(cloud.name, name)) return cloud;
  }
  return fail(Errc::invalid_input, fmt::format("there is no cloud named \"{}\"", name),
              "Use one of: global, usgov, usgov-dod, china.");
}

}  // namespace portalkey
