#include "sandbox/wire/clouds.h"

#include <gtest/gtest.h>

namespace portalkey::sandbox {
namespace {

TEST(SandboxClouds, HostNameDecidesTheService) {
  struct Row {
    std::string_view host;
    Service service;
    std::string_view cloud;
    std::string_view vault;
  };
  static constexpr Row kRows[] = {
      {"login.microsoftonline.com", Service::login, "AzureCloud", ""},
      {"login.windows.net", Service::login, "AzureCloud", ""},
      {"sts.windows.net", Service::login, "AzureCloud", ""},
      {"login.microsoftonline.us", Service::login, "AzureUSGovernment", ""},
      {"login.partner.microsoftonline.cn", Service::login, "AzureChinaCloud", ""},
      {"login.chinacloudapi.cn", Service::login, "AzureChinaCloud", ""},
      {"localhost", Service::login, "AzureCloud", ""},
      {"contoso-kv.vault.azure.net", Service::vault, "AzureCloud", "contoso-kv"},
      {"contoso-kv.vault.usgovcloudapi.net", Service::vault, "AzureUSGovernment", "contoso-kv"},
      {"contoso-kv.vault.azure.cn", Service::vault, "AzureChinaCloud", "contoso-kv"},
      {"main.iam.ad.ext.azure.com", Service::portal, "AzureCloud", ""},
      {"main.iam.ad.ext.azure.us", Service::portal, "AzureUSGovernment", ""},
      {"main.iam.ad.ext.azure.cn", Service::portal, "AzureChinaCloud", ""},
      {"management.azure.com", Service::arm, "AzureCloud", ""},
      {"management.usgovcloudapi.net", Service::arm, "AzureUSGovernment", ""},
      {"management.chinacloudapi.cn", Service::arm, "AzureChinaCloud", ""},
      {"microsoft.com", Service::device_page, "AzureCloud", ""},
  };
  for (const auto& row : kRows) {
    const auto route = route_of(row.host);
    EXPECT_EQ(route.service, row.service) << row.host;
    ASSERT_NE(route.cloud, nullptr) << row.host;
    EXPECT_EQ(route.cloud->name, row.cloud) << row.host;
    EXPECT_EQ(route.vault, row.vault) << row.host;
  }
  for (const auto host : {"example.com", "vault.azure.net", ".vault.azure.net", "a.b.vault.azure.net", "evilvault.azure.net",
                          "login.microsoftonline.com.example.com", ""}) {
    EXPECT_EQ(route_of(host).service, Service::unknown) << host;
  }
}

TEST(Clouds, GraphHasAHostInEachAndASecondOneInTheUs) {
  for (const auto& cloud : sandbox_clouds()) {
    EXPECT_EQ(route_of(cloud.graph_host).service, Service::graph) << cloud.graph_host;
    EXPECT_EQ(route_of(cloud.graph_host).cloud, &cloud);
  }
  EXPECT_EQ(route_of("dod-graph.microsoft.us").service, Service::graph);
  EXPECT_EQ(route_of("dod-graph.microsoft.us").cloud, &sandbox_clouds()[1]);
  EXPECT_EQ(name_of(Service::graph), "graph");
  EXPECT_EQ(name_of(Service::imds), "imds");
}

}  // namespace
}  // namespace portalkey::sandbox
