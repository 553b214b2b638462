#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

using Arm = ArmTest;

TEST_F(Arm, RefusesTokensByCause) {
  const std::string url = std::string(kArm) + sub() + "?api-version=2022-12-01";
  const auto without = send("GET", url);
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(code_of(without), "AuthenticationFailed");
  EXPECT_NE(without.header("www-authenticate").find("authorization_uri=\"https://login.windows.net/" + tenant() + "\""),
            std::string_view::npos);
  EXPECT_EQ(code_of(send("GET", url, bearer("nonsense"))), "InvalidAuthenticationToken");
  EXPECT_EQ(code_of(send("GET", url, bearer(app_token("https://vault.azure.net")))), "InvalidAuthenticationTokenAudience");
  for (const auto* resource : {"https://management.azure.com", "https://management.core.windows.net/",
                               "https://management.core.windows.net", "797f4846-ba00-4fd7-ba43-dac1f8f63013"}) {
    EXPECT_EQ(send("GET", url, bearer(access_token(resource))).status, 200) << resource;
  }
  EXPECT_EQ(code_of(send("GET", url, bearer(access_token("https://management.usgovcloudapi.net")))),
            "InvalidAuthenticationTokenAudience")
      << "another cloud's";
  advance(std::chrono::hours(2));
  EXPECT_EQ(code_of(send("GET", url, bearer(token))), "ExpiredAuthenticationToken");
}

TEST_F(Arm, ServesEveryCloudItsOwnAudience) {
  for (const auto* host : {"management.usgovcloudapi.net", "management.chinacloudapi.cn"}) {
    const std::string url = "https://" + std::string(host) + sub() + "?api-version=2022-12-01";
    EXPECT_EQ(send("GET", url, bearer(access_token("https://" + std::string(host) + "/"))).status, 200) << host;
    EXPECT_EQ(send("GET", url, bearer(token)).status, 401) << host;
  }
}

TEST_F(Arm, WantsAnApiVersionItKnows) {
  const auto without = send("GET", std::string(kArm) + "/subscriptions");
  EXPECT_EQ(without.status, 400);
  EXPECT_EQ(code_of(without), "MissingApiVersionParameter") << "even before the token is looked at";
  EXPECT_EQ(code_of(get(sub(), "1999-01-01")), "InvalidApiVersionParameter");
  const auto provider = get(vault("contoso-kv"), "1999-01-01");
  EXPECT_EQ(provider.status, 400);
  EXPECT_EQ(code_of(provider), "NoRegisteredProviderFound");
  EXPECT_NE(provider.body.find("2023-07-01"), std::string::npos);
  EXPECT_EQ(code_of(get(sub() + "/providers/Microsoft.Authorization/roleAssignments", "1999-01-01")),
            "NoRegisteredProviderFound");
}

TEST_F(Arm, HasItsHeaders) {
  TextPairs headers = bearer(token);
  headers.emplace_back("x-ms-correlation-request-id", "11111111-1111-4111-8111-111111111111");
  headers.emplace_back("x-ms-client-request-id", "mine");
  headers.emplace_back("x-ms-return-client-request-id", "true");
  const std::string url = std::string(kArm) + sub() + "/resourcegroups?api-version=2021-04-01";
  const auto answer = send("GET", url, headers);
  EXPECT_EQ(answer.header("x-ms-correlation-request-id"), "11111111-1111-4111-8111-111111111111");
  EXPECT_EQ(answer.header("x-ms-client-request-id"), "mine");
  EXPECT_TRUE(is_guid(answer.header("x-ms-request-id")));
  const auto left = std::stoi(std::string(answer.header("x-ms-ratelimit-remaining-subscription-reads")));
  EXPECT_EQ(std::string(send("GET", url, headers).header("x-ms-ratelimit-remaining-subscription-reads")),
            std::to_string(left - 1));
  EXPECT_FALSE(
      call("PUT", group("new"), R"({"location":"westeurope"})").header("x-ms-ratelimit-remaining-subscription-writes").empty());
}

TEST_F(Arm, NamesWhatIsWrongWithAPath) {
  EXPECT_EQ(code_of(get("/subscriptions/not-a-guid")), "InvalidSubscriptionId");
  const auto other = get("/subscriptions/00000000-0000-4000-8000-000000000000/resourcegroups");
  EXPECT_EQ(other.status, 404);
  EXPECT_EQ(code_of(other), "SubscriptionNotFound");
  EXPECT_EQ(get(sub() + "/providers/Microsoft.Nonsense").status, 404);
  EXPECT_EQ(get("/SUBSCRIPTIONS/" + emulator->world().state.subscription_id + "/RESOURCEGROUPS/CONTOSO-RG").status, 200)
      << "letter case does not matter";
}

TEST_F(Arm, MetadataEndpointsNeedNoToken) {
  const auto answer = send("GET", std::string(kArm) + "/metadata/endpoints?api-version=2022-09-01");
  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.body.find("\"keyVaultDns\":\"vault.azure.net\""), std::string::npos) << answer.body;
}

TEST_F(Arm, SubscriptionsAreSeenByWhoHasARoleInThem) {
  EXPECT_EQ(count_of(get("/subscriptions", "2022-12-01")), 1u);
  EXPECT_EQ(at(get(sub(), "2022-12-01"), "state"), "Enabled");
  EXPECT_EQ(count_of(get("/tenants", "2022-12-01")), 1u);
  EXPECT_GT(count_of(get(sub() + "/locations", "2022-12-01")), 5u);
  token = access_token("https://management.azure.com/", "helpdesk@contoso.com");
  EXPECT_EQ(count_of(get("/subscriptions", "2022-12-01")), 0u);
  const auto refused = get(sub(), "2022-12-01");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code_of(refused), "AuthorizationFailed");
  EXPECT_NE(refused.body.find("The client 'helpdesk@contoso.com' with object id '"), std::string::npos);
}

TEST_F(Arm, FaultsHaveItsShape) {
  admin("POST", "/faults", R"({"host":"arm","kind":"429","retryAfter":7})");
  const auto answer = get(sub());
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(code_of(answer), "TooManyRequests");
  EXPECT_EQ(answer.header("retry-after"), "7");
}

TEST_F(Arm, ProvidersRegisterAfterAWhile) {
  start_empty();
  const std::string path = sub() + "/providers/Microsoft.KeyVault";
  EXPECT_EQ(at(get(path), "registrationState"), "NotRegistered");
  EXPECT_EQ(at(get(sub() + "/providers/microsoft.resources"), "registrationState"), "Registered");
  EXPECT_EQ(at(call("POST", path + "/register"), "registrationState"), "Registering");
  EXPECT_EQ(at(get(path), "registrationState"), "Registering");
  EXPECT_EQ(at(get(path), "registrationState"), "Registered");
  EXPECT_EQ(at(call("POST", path + "/register"), "registrationState"), "Registered") << "again changes nothing";
  EXPECT_GT(count_of(get(sub() + "/providers")), 5u);
}

TEST_F(Arm, ResourceGroupsComeAndGo) {
  EXPECT_EQ(call("HEAD", group("new")).status, 404);
  EXPECT_TRUE(call("HEAD", group("new")).body.empty());
  EXPECT_EQ(code_of(get(group("new"))), "ResourceGroupNotFound");
  EXPECT_EQ(call("PUT", group("New"), R"({"location":"West Europe","tags":{"a":"b"}})").status, 201);
  const auto again = call("PUT", group("new"), R"({"location":"westeurope","tags":{"a":"c"}})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(at(again, "name"), "New") << "as first written";
  EXPECT_EQ(at(again, "id"), json::string(sub() + "/resourceGroups/New"));
  EXPECT_EQ(at(get(group("new")), "properties.provisioningState"), "Succeeded");
  EXPECT_EQ(call("HEAD", group("new")).status, 204);
  EXPECT_EQ(at(call("PATCH", group("new"), R"({"tags":{"x":"y"}})"), "tags.x"), "y");
  const auto elsewhere = call("PUT", group("new"), R"({"location":"eastus"})");
  EXPECT_EQ(elsewhere.status, 409);
  EXPECT_EQ(code_of(elsewhere), "InvalidResourceGroupLocation");
  EXPECT_EQ(code_of(call("PUT", group("x"), R"({"location":"atlantis"})")), "LocationNotAvailableForResourceGroup");
  EXPECT_EQ(code_of(call("PUT", group("x"), "{}")), "LocationRequired");
  EXPECT_EQ(code_of(call("PUT", group("x"), "[")), "InvalidRequestContent");
  EXPECT_EQ(code_of(call("PUT", group("x,y"), R"({"location":"eastus"})")), "InvalidResourceGroup");
  EXPECT_EQ(count_of(get(sub() + "/resourcegroups")), 2u);
  EXPECT_EQ(count_of(get(sub() + "/resourcegroups?$filter=tagName%20eq%20'x'%20and%20tagValue%20eq%20'y'")), 1u);

  const auto deleting = call("DELETE", group("new"));
  EXPECT_EQ(deleting.status, 202);
  EXPECT_EQ(at(get(group("new")), "properties.provisioningState"), "Deleting");
  EXPECT_EQ(code_of(call("PUT", group("new"), R"({"location":"westeurope"})")), "ResourceGroupBeingDeleted");
  const auto pending = follow(deleting);
  EXPECT_EQ(pending.status, 202);
  EXPECT_FALSE(pending.header("location").empty());
  EXPECT_EQ(follow(pending).status, 200);
  EXPECT_EQ(get(group("new")).status, 404);
}

TEST_F(Arm, DeletingAGroupSoftDeletesItsVaults) {
  follow(follow(call("DELETE", group())));
  EXPECT_EQ(get(group()).status, 404);
  EXPECT_EQ(get(sub() + "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/contoso-kv").status, 200);
  EXPECT_EQ(send("GET", std::string(kVault) + "/secrets?api-version=7.4", bearer(app_token("https://vault.azure.net"))).status,
            404);
}

TEST_F(Arm, ResourcesCanBeFound) {
  const std::string path = sub() + "/resources?$filter=";
  EXPECT_EQ(count_of(get(path + "resourceType%20eq%20'Microsoft.KeyVault/vaults'", "2015-11-01")), 1u);
  EXPECT_EQ(count_of(get(path + "resourceType%20eq%20'Microsoft.Storage/storageAccounts'")), 0u);
  EXPECT_EQ(count_of(get(path + "name%20eq%20'CONTOSO-KV'%20and%20resourceType%20eq%20'Microsoft.KeyVault/vaults'")), 1u);
  EXPECT_EQ(code_of(get(path + "nonsense")), "InvalidFilterInQueryString");
  EXPECT_EQ(count_of(get(group() + "/resources")), 1u);
}

}  // namespace
}  // namespace portalkey::sandbox
