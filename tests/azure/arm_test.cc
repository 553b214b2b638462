#include "azure/arm.h"

#include <boost/json.hpp>

#include "tests/hostile_urls.h"
#include "tests/provision/provision_world.h"

namespace portalkey::arm_test {
namespace {

Reply begun(int status, std::multimap<std::string, std::string> headers, boost::json::value json = {}) {
  Reply reply;
  reply.status = status;
  reply.headers = std::move(headers);
  reply.json = std::move(json);
  return reply;
}

Reply begun_with(const std::string& header, const std::string& address) { return begun(202, {{header, address}}); }

constexpr const char* kPath = "/subscriptions/s/x";

TEST(LongOperation, AsyncOperationComesBeforeLocationAndRetryAfterIsObeyed) {
  ProvisionWorld world;
  const auto start = world.clock.steady_now();
  world.http.answer(200, R"({"status":"InProgress"})", {{"retry-after", "7"}}).answer(200, R"({"status":"Succeeded"})");
  auto done =
      Arm(world.azure)
          .finish(begun(202, {{"azure-asyncoperation", "https://management.azure.com/subscriptions/s/operationresults/1?x=1"},
                              {"location", "https://management.azure.com/elsewhere"},
                              {"retry-after", "3"}}),
                  kPath, kVaultsApi, "make it");
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(world.clock.steady_now() - start, std::chrono::seconds(10));
  EXPECT_EQ(world.http.sent[0].url, "https://management.azure.com/subscriptions/s/operationresults/1?x=1");
}

TEST(LongOperation, LocationIsPolledUntilItIsNoLonger202) {
  ProvisionWorld world;
  world.http.answer(202, "").answer(204, "");
  ASSERT_TRUE(Arm(world.azure)
                  .finish(begun(202, {{"location", "https://management.azure.com/subscriptions/s/operationresults/2"}}), kPath,
                          kVaultsApi, "do it"));
}

TEST(LongOperation, TheResourcesOwnStateIsPolledOtherwise) {
  ProvisionWorld world;
  world.http.answer(200, R"({"properties":{"provisioningState":"RegisteringDns"}})")
      .answer(200, R"({"properties":{"provisioningState":"Succeeded"}})");
  ASSERT_TRUE(Arm(world.azure)
                  .finish(begun(201, {}, {{"properties", {{"provisioningState", "RegisteringDns"}}}}), "/subscriptions/s/x",
                          kVaultsApi, "make it"));
  EXPECT_EQ(world.http.sent[1].url, "https://management.azure.com/subscriptions/s/x?api-version=2023-07-01");
}

TEST(LongOperation, AFailureIsReportedWithItsReason) {
  ProvisionWorld world;
  world.http.answer(200, R"({"status":"Failed","error":{"code":"RequestDisallowedByPolicy","message":"not here"}})");
  auto done =
      Arm(world.azure)
          .finish(begun(202, {{"azure-asyncoperation", "https://management.azure.com/subscriptions/s/operationresults/o"}}),
                  kPath, kVaultsApi, "make it");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::forbidden);
  EXPECT_EQ(done.error().what, "cannot make it: not here");
}

TEST(LongOperation, EndsWithTheDeadline) {
  ProvisionWorld world;
  world.azure.deadline = Deadline::in(std::chrono::seconds(5), world.clock);
  auto done = Arm(world.azure)
                  .finish(begun(202, {{"location", "https://management.azure.com/subscriptions/s/operationresults/o"},
                                      {"retry-after", "15"}}),
                          kPath, kVaultsApi, "make it");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::unavailable);
}

std::string shown(const Result<Url>& url) { return url ? url->text() : "error: " + url.error().what; }

TEST(OperationAddress, WhatAzureNamesIsFollowed) {
  const Url begun(
      "https://management.azure.com/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v?api-version=1");
  for (const char* given :
       {"https://management.azure.com/subscriptions/S/operationresults/eyJqb2I_-=?api-version=2018-08-01",
        "https://management.azure.com/subscriptions/s/providers/Microsoft.KeyVault/locations/westus/operationResults/"
        "VVR8?t=1&c=2",
        "https://management.azure.com/Subscriptions/S/resourcegroups/g/providers/Microsoft.Resources/deployments/d/"
        "operationStatuses/1?x",
        "https://management.azure.com/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/V?api-version=2"}) {
    EXPECT_EQ(shown(operation_address(begun, given)), given);
  }
  EXPECT_EQ(shown(operation_address(begun, "https://management.azure.com:443/subscriptions/S/operationresults/1")),
            "https://management.azure.com/subscriptions/S/operationresults/1");
}

TEST(OperationAddress, NothingElseIs) {
  const Url begun("https://management.azure.com/subscriptions/S/resourceGroups/g?api-version=1");
  auto others = hostile_urls("management.azure.com", "/subscriptions/S/operationresults/1?x=2");
  for (const char* other :
       {"https://evil.example/subscriptions/S/operationresults/1",
        "https://graph.microsoft.com/subscriptions/S/operationresults/1",
        "https://management.azure.com/subscriptions/T/operationresults/1", "https://management.azure.com/operations/1",
        "https://management.azure.com/subscriptions/S/resourceGroups/other", "https://management.azure.com/subscriptions/S",
        "https://management.azure.com/subscriptions/S/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/s",
        "https://management.azure.com/subscriptions/S?x=/operationresults/1",
        "https://management.azure.com/x/S/operationresults/1", "https://management.azure.com/",
        "/subscriptions/S/operationresults/1"}) {
    others.emplace_back(other);
  }
  for (const auto& other : others) {
    const auto address = operation_address(begun, other);
    ASSERT_FALSE(address) << other;
    EXPECT_EQ(address.error().code, Errc::unavailable) << other;
    for (const char* header : {"azure-asyncoperation", "location"}) {
      ProvisionWorld world;
      const auto done =
          Arm(world.azure).finish(begun_with(header, other), "/subscriptions/S/resourceGroups/g", kVaultsApi, "do it");
      EXPECT_FALSE(done) << other;
      EXPECT_TRUE(world.http.sent.empty()) << other;
    }
  }
}

TEST(Arm, AListIsFollowedOnlyWithinItself) {
  auto links = hostile_urls("management.azure.com", "/subscriptions/s/resources?$skiptoken=x");
  for (const char* other :
       {"https://management.azure.com/subscriptions/t/resources", "https://management.azure.com/subscriptions",
        "https://graph.microsoft.com/subscriptions/s/resources"}) {
    links.emplace_back(other);
  }
  for (const auto& link : links) {
    ProvisionWorld world;
    world.http.answer(200, boost::json::serialize(boost::json::object{{"value", boost::json::array{}}, {"nextLink", link}}));
    EXPECT_FALSE(Arm(world.azure).list("/subscriptions/s/resources", kResourcesApi, "look")) << link;
    EXPECT_EQ(world.http.sent.size(), 1u) << link;
  }
  ProvisionWorld world;
  world.http
      .answer(200, R"({"value":[1],"nextLink":"https://management.azure.com:443/Subscriptions/S/resources?%24skiptoken=x"})")
      .answer(200, R"({"value":[2],"nextLink":""})");
  auto items = Arm(world.azure).list("/subscriptions/s/resources", kResourcesApi, "look");
  ASSERT_TRUE(items) << items.error().what;
  EXPECT_EQ(items->size(), 2u);
}

TEST(Arm, WhatStandsInAPathStaysThere) {
  ProvisionWorld world;
  world.http.answer(200, "{}");
  ASSERT_TRUE(Arm(world.azure).call("GET", "/subscriptions/s/resourceGroups/a (1)?x#\xc3\xa9", kResourcesApi));
  EXPECT_EQ(world.http.sent[0].url,
            "https://management.azure.com/subscriptions/s/resourceGroups/a%20%281%29%3Fx%23%C3%A9?api-version=2024-07-01");
  for (const char* path :
       {"/subscriptions/s/../t", "/subscriptions/s/./t", "/subscriptions/s%2f..", "/subscriptions/s\\..", "/a\r\nb"}) {
    EXPECT_FALSE(Arm(world.azure).call("GET", path, kResourcesApi)) << path;
  }
  EXPECT_EQ(world.http.sent.size(), 1u);
}

}  // namespace
}  // namespace portalkey::arm_test
