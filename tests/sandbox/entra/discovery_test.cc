#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class EntraDiscovery : public SandboxTest {
 protected:
  HttpResponse get(std::string_view path) { return send("GET", std::string(kLogin) + std::string(path)); }
  HttpResponse instance(std::string_view authority) {
    return get("/common/discovery/instance?api-version=1.1&authorization_endpoint=" + percent_encode(authority));
  }
};

TEST_F(EntraDiscovery, InstancesListEveryCloudWithItsAliases) {
  const auto answer = instance("https://login.microsoftonline.com/common/oauth2/v2.0/authorize");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto body = object_of(answer);
  EXPECT_EQ(string_member(body, "tenant_discovery_endpoint"),
            "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(string_member(body, "api-version"), "1.1");
  const auto& metadata = member(body, "metadata")->as_array();
  EXPECT_EQ(metadata[0].at("preferred_network"), "login.microsoftonline.com");
  EXPECT_EQ(metadata[0].at("preferred_cache"), "login.windows.net");
  const std::string all = json::serialize(metadata);
  for (const auto* host : {"sts.windows.net", "login.microsoft.com", "login.chinacloudapi.cn",
                           "login.partner.microsoftonline.cn", "login.microsoftonline.us", "login.usgovcloudapi.net"}) {
    EXPECT_NE(all.find(std::string("\"") + host + '"'), std::string::npos) << host;
  }
  EXPECT_EQ(member(object_of(get("/common/discovery/instance?api-version=1.0")), "metadata"), nullptr);
}

TEST_F(EntraDiscovery, InstancesFollowTheAuthorityAskedFor) {
  const auto endpoint = [&](std::string_view authority) { return text_at(instance(authority), "tenant_discovery_endpoint"); };
  EXPECT_EQ(endpoint("https://login.microsoftonline.us/" + tenant() + "/oauth2/v2.0/authorize"),
            "https://login.microsoftonline.us/" + tenant() + "/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(endpoint("https://login.windows.net/contoso.com/oauth2/authorize"),
            "https://login.windows.net/contoso.com/.well-known/openid-configuration");
  EXPECT_EQ(endpoint("https://login.partner.microsoftonline.cn/organizations/oauth2/v2.0/authorize"),
            "https://login.partner.microsoftonline.cn/organizations/v2.0/.well-known/openid-configuration");
  for (const auto* unknown :
       {"https://login.example.com/common/oauth2/v2.0/authorize", "https://vault.azure.net/x/y", "nonsense",
        "https://login.microsoftonline.com", "http://login.microsoftonline.com/common/oauth2/authorize"}) {
    const auto answer = instance(unknown);
    EXPECT_EQ(answer.status, 400) << unknown;
    EXPECT_EQ(aadsts_of(answer), 50049) << unknown;
    EXPECT_EQ(text_at(answer, "error"), "invalid_instance");
  }
}

TEST_F(EntraDiscovery, DocumentsOfBothVersionsForEveryNameOfTheTenant) {
  for (const std::string& name : {tenant(), std::string("contoso.com"), std::string("CONTOSO.onmicrosoft.com")}) {
    EXPECT_EQ(text_at(get('/' + name + "/v2.0/.well-known/openid-configuration"), "issuer"),
              std::string(kLogin) + '/' + tenant() + "/v2.0")
        << name;
    const auto v1 = object_of(get('/' + name + "/.well-known/openid-configuration"));
    EXPECT_EQ(string_member(v1, "issuer"), "https://sts.windows.net/" + tenant() + '/');
    EXPECT_EQ(string_member(v1, "authorization_endpoint"), std::string(kLogin) + '/' + tenant() + "/oauth2/authorize");
  }
  for (const std::string name : {"common", "organizations"}) {
    const auto document = object_of(get('/' + name + "/v2.0/.well-known/openid-configuration"));
    EXPECT_EQ(string_member(document, "issuer"), "https://login.microsoftonline.com/{tenantid}/v2.0");
    EXPECT_EQ(string_member(document, "token_endpoint"), std::string(kLogin) + '/' + name + "/oauth2/v2.0/token");
    EXPECT_TRUE(member(document, "tenant_region_scope")->is_null());
  }
  EXPECT_EQ(aadsts_of(get("/consumers/v2.0/.well-known/openid-configuration")), 90002);
  EXPECT_EQ(aadsts_of(get("/not_a_tenant/v2.0/.well-known/openid-configuration")), 900023);
}

TEST_F(EntraDiscovery, HeadIsAnsweredLikeGet) {
  const auto answer = send("HEAD", std::string(kLogin) + "/common/v2.0/.well-known/openid-configuration");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
}

TEST_F(EntraDiscovery, KeysAreTheSameForEveryDoor) {
  const std::string kid = emulator->world().signing.kid();
  for (const std::string& path :
       {std::string("/common/discovery/keys"), std::string("/common/discovery/v2.0/keys"), '/' + tenant() + "/discovery/keys",
        '/' + tenant() + "/discovery/v2.0/keys?appid=" + client_id()}) {
    EXPECT_NE(get(path).body.find(kid), std::string::npos) << path;
  }
}

TEST_F(EntraDiscovery, UserRealmTellsManagedFromUnknown) {
  const auto managed = object_of(get("/common/userrealm/admin@contoso.com?api-version=1.0"));
  EXPECT_EQ(string_member(managed, "account_type"), "Managed");
  EXPECT_EQ(string_member(managed, "domain_name"), "contoso.com");
  EXPECT_EQ(string_member(managed, "cloud_instance_name"), "microsoftonline.com");
  EXPECT_EQ(string_member(object_of(get("/common/UserRealm/admin%40fabrikam.com?api-version=1.0")), "account_type"), "Unknown");
  EXPECT_EQ(get("/common/userrealm/nobody").status, 400);
}

}  // namespace
}  // namespace portalkey::sandbox
