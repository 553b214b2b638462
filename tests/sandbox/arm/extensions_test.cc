// Tags, diagnostic settings, virtual networks, and providers that are in use.
#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

class ArmExtensions : public ArmTest {
 protected:
  HttpResponse tags(std::string_view method, const std::string& scope, std::string body = {}) {
    return call(method, scope + "/providers/Microsoft.Resources/tags/default", std::move(body), "2021-04-01");
  }
  HttpResponse settings(std::string_view method, std::string_view name = {}, std::string body = {}) {
    return call(method, vault("contoso-kv") + "/providers/Microsoft.Insights/diagnosticSettings" + std::string(name),
                std::move(body), "2021-05-01-preview");
  }
  HttpResponse network(std::string_view method, std::string_view rest, std::string body = {}) {
    return call(method, group() + "/providers/Microsoft.Network/virtualNetworks" + std::string(rest), std::move(body),
                "2024-03-01");
  }
};

TEST_F(ArmExtensions, TagsAreMergedReplacedAndDeleted) {
  for (const auto& scope : {sub(), group(), vault("contoso-kv")}) {
    EXPECT_EQ(tags("PUT", scope, R"({"properties":{"tags":{"Team":"identity","cost":"1"}}})").status, 200) << scope;
    const auto merged = tags("PATCH", scope, R"({"operation":"Merge","properties":{"tags":{"team":"it","more":"m"}}})");
    EXPECT_EQ(merged.status, 200) << merged.body;
    EXPECT_EQ(at(merged, "properties.tags"), (json::value{{"cost", "1"}, {"more", "m"}, {"team", "it"}}))
        << "names ignore case";
    tags("PATCH", scope, R"({"operation":"Delete","properties":{"tags":{"cost":"1","more":"other"}}})");
    EXPECT_EQ(at(tags("GET", scope), "properties.tags"), (json::value{{"more", "m"}, {"team", "it"}}));
    tags("PATCH", scope, R"({"operation":"Replace","properties":{"tags":{"only":"o"}}})");
    EXPECT_EQ(at(call("GET", scope), "tags"), (json::value{{"only", "o"}})) << "the resource shows them";
    EXPECT_EQ(tags("DELETE", scope).status, 200);
    EXPECT_EQ(at(tags("GET", scope), "properties.tags"), json::value(json::object()));
  }
}

TEST_F(ArmExtensions, WrongTagsAreRefused) {
  EXPECT_EQ(tags("PATCH", group(), R"({"properties":{"tags":{}}})").status, 400) << "no operation";
  EXPECT_EQ(tags("PATCH", group(), R"({"operation":"Add","properties":{"tags":{}}})").status, 400);
  EXPECT_EQ(tags("PUT", group(), "{}").status, 400);
  EXPECT_EQ(tags("PUT", group(), R"({"properties":{"tags":{"a":1}}})").status, 400);
  EXPECT_EQ(tags("PUT", group(), R"({"properties":{"tags":{"a":")" + std::string(257, 'x') + "\"}}}").status, 400);
  EXPECT_EQ(tags("GET", vault("none")).status, 404);
  std::string many;
  for (int i = 0; i < 51; ++i) many += (many.empty() ? "" : ",") + ("\"t" + std::to_string(i) + "\":\"\"");
  EXPECT_EQ(tags("PUT", group(), R"({"properties":{"tags":{)" + many + "}}}").status, 400);
}

TEST_F(ArmExtensions, OddScopesAndBodiesAreRefused) {
  for (const auto& scope : {sub() + "/other/thing", sub() + "/other/thing/more/Microsoft.KeyVault/vaults/x", group() + "/more",
                            group() + "/other/Microsoft.KeyVault/vaults/none", group() + "/providers/Microsoft.Web/vaults/x",
                            group() + "/providers/Microsoft.KeyVault/vaults/contoso-kv/secrets/a"}) {
    EXPECT_EQ(tags("GET", scope).status, 404) << scope;
    EXPECT_EQ(call("GET", scope + "/providers/Microsoft.Insights/diagnosticSettings", {}, "2021-05-01-preview").status, 404)
        << scope;
  }
  for (const auto* body :
       {"", "[]", "{\"properties\":null}", "{\"properties\":[]}", "{\"properties\":{\"tags\":[]}}",
        "{\"properties\":{\"level\":1}}", "{\"properties\":{\"workspaceId\":\"/x\",\"logs\":[1]}}",
        "{\"properties\":{\"workspaceId\":\"/x\",\"logs\":{}}}",
        "{\"location\":\"westeurope\",\"properties\":{\"addressSpace\":{\"addressPrefixes\":[\"10.0.0.0/8\"]},"
        "\"subnets\":[1]}}"}) {
    EXPECT_EQ(tags("PUT", group(), body).status, 400) << body;
    EXPECT_EQ(settings("PUT", "/a", body).status, 400) << body;
    EXPECT_EQ(call("PUT", group() + "/providers/Microsoft.Authorization/locks/a", body, "2016-09-01").status, 400) << body;
    EXPECT_GE(network("PUT", "/net", body).status, 400) << body;
  }
}

TEST_F(ArmExtensions, DiagnosticSettingsAreKeptAsAzureShowsThem) {
  const std::string body =
      R"({"properties":{"workspaceId":"/subscriptions/x/resourceGroups/y/providers/Microsoft.OperationalInsights/workspaces/z",
          "logs":[{"category":"AuditEvent","enabled":true}],"metrics":[{"category":"AllMetrics","enabled":false}]}})";
  const auto made = settings("PUT", "/audit", body);
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(at(made, "id"), json::value(lower(vault("contoso-kv")) + "/providers/microsoft.insights/diagnosticSettings/audit"));
  EXPECT_TRUE(at(made, "properties.storageAccountId").is_null());
  EXPECT_EQ(at(made, "properties.logs").get_array().at(0).at("retentionPolicy"),
            (json::value{{"enabled", false}, {"days", 0}}));
  EXPECT_EQ(count_of(settings("GET")), 1u);
  EXPECT_EQ(settings("GET", "/audit").status, 200);
  EXPECT_EQ(settings("GET", "/other").status, 404);
  EXPECT_EQ(settings("PUT", "/audit", R"({"properties":{"logs":[{"category":"AuditEvent","enabled":true}]}})").status, 400)
      << "no sink";
  EXPECT_EQ(
      settings("PUT", "/a", R"({"properties":{"workspaceId":"/x","logs":[{"category":"SignInLogs","enabled":true}]}})").status,
      400);
  EXPECT_EQ(settings("PUT", "/a", R"({"properties":{"workspaceId":"/x"}})").status, 400) << "no category";
  EXPECT_EQ(settings("DELETE", "/audit").status, 200);
  EXPECT_EQ(settings("DELETE", "/audit").status, 204);
  const auto elsewhere = call("GET", group() + "/providers/Microsoft.Insights/diagnosticSettings", {}, "2021-05-01-preview");
  EXPECT_EQ(elsewhere.status, 404);
  EXPECT_NE(elsewhere.body.find("of key vaults only"), std::string::npos) << elsewhere.body;
}

TEST_F(ArmExtensions, SubnetsThatAVaultLetsInMustExist) {
  const std::string id = group() + "/providers/Microsoft.Network/virtualNetworks/net/subnets/inner";
  const auto allow = [&](std::string_view subnet, std::string_view more = {}) {
    return call("PATCH", vault("contoso-kv"),
                R"({"properties":{"networkAcls":{"defaultAction":"Deny","virtualNetworkRules":[{"id":")" + std::string(subnet) +
                    '"' + std::string(more) + "}]}}}");
  };
  EXPECT_EQ(code_of(allow("inner")), "LinkedInvalidPropertyId");
  const auto absent = allow(id);
  EXPECT_EQ(code_of(absent), "VirtualNetworkNotValid");
  EXPECT_NE(absent.body.find("NotFound"), std::string::npos) << absent.body;
  const std::string body = R"({"location":"westeurope","properties":{"addressSpace":{"addressPrefixes":["10.0.0.0/16"]}}})";
  EXPECT_EQ(code_of(network("PUT", "/net", body)), "MissingSubscriptionRegistration");
  call("POST", sub() + "/providers/Microsoft.Network/register");
  get(sub() + "/providers/Microsoft.Network");
  get(sub() + "/providers/Microsoft.Network");
  EXPECT_EQ(network("PUT", "/net", body).status, 201);
  EXPECT_EQ(network("PUT", "/net/subnets/inner", R"({"properties":{"addressPrefix":"10.0.0.0/24"}})").status, 201);
  EXPECT_NE(allow(id).body.find("SubnetsHaveNoServiceEndpointsConfigured"), std::string::npos);
  EXPECT_EQ(allow(id, R"(,"ignoreMissingVnetServiceEndpoint":true)").status, 200);
  EXPECT_EQ(network("PUT", "/net/subnets/inner",
                    R"({"properties":{"addressPrefix":"10.0.0.0/24","serviceEndpoints":[{"service":"Microsoft.KeyVault"}]}})")
                .status,
            200);
  const auto allowed = allow(id);
  EXPECT_EQ(allowed.status, 200) << allowed.body;
  EXPECT_EQ(at(allowed, "properties.networkAcls.virtualNetworkRules").get_array().at(0).at("id"), json::value(lower(id)));
  EXPECT_EQ(count_of(network("GET", "")), 1u);
  EXPECT_EQ(at(network("GET", "/net"), "properties.subnets").get_array().size(), 1u);
  EXPECT_EQ(network("DELETE", "/net/subnets/inner").status, 200);
  EXPECT_EQ(allow(id).status, 200) << "it is let in already";
  EXPECT_EQ(network("GET", "/net/subnets/inner").status, 404);
  EXPECT_EQ(network("DELETE", "/net").status, 200);
}

TEST_F(ArmExtensions, AProviderInUseStaysRegistered) {
  const auto refused = call("POST", sub() + "/providers/Microsoft.KeyVault/unregister");
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_NE(refused.body.find("/vaults/contoso-kv"), std::string::npos) << refused.body;
  EXPECT_EQ(at(get(sub() + "/providers/Microsoft.KeyVault"), "registrationState"), "Registered");
  EXPECT_EQ(call("DELETE", vault("contoso-kv")).status, 200);
  EXPECT_EQ(at(call("POST", sub() + "/providers/Microsoft.KeyVault/unregister"), "registrationState"), "Unregistered");
}

}  // namespace
}  // namespace portalkey::sandbox
