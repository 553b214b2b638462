#include "provision/arm.h"

#include <boost/json.hpp>

#include "tests/provision/provision_world.h"

namespace portalkey {
namespace {

Reply begun(int status, std::multimap<std::string, std::string> headers, boost::json::value json = {}) {
  Reply reply;
  reply.status = status;
  reply.headers = std::move(headers);
  reply.json = std::move(json);
  return reply;
}

TEST(LongOperation, AsyncOperationComesBeforeLocationAndRetryAfterIsObeyed) {
  ProvisionWorld world;
  const auto start = world.clock.steady_now();
  world.http.answer(200, R"({"status":"InProgress"})", {{"retry-after", "7"}}).answer(200, R"({"status":"Succeeded"})");
  auto done = Arm(world.azure)
                  .finish(begun(202, {{"azure-asyncoperation", "https://management.azure.com/operations/1?x=1"},
                                      {"location", "https://management.azure.com/elsewhere"},
                                      {"retry-after", "3"}}),
                          "/x", kVaultsApi, "make it");
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(world.clock.steady_now() - start, std::chrono::seconds(10));
  EXPECT_EQ(world.http.sent[0].url, "https://management.azure.com/operations/1?x=1");
}

TEST(LongOperation, LocationIsPolledUntilItIsNoLonger202) {
  ProvisionWorld world;
  world.http.answer(202, "").answer(204, "");
  ASSERT_TRUE(Arm(world.azure)
                  .finish(begun(202, {{"location", "https://management.azure.com/operations/2"}}), "/x", kVaultsApi, "do it"));
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
          .finish(begun(202, {{"azure-asyncoperation", "https://management.azure.com/o"}}), "/x", kVaultsApi, "make it");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::forbidden);
  EXPECT_EQ(done.error().what, "cannot make it: not here");
}

TEST(LongOperation, EndsWithTheDeadline) {
  ProvisionWorld world;
  world.azure.deadline = Deadline::in(std::chrono::seconds(5), world.clock);
  auto done = Arm(world.azure)
                  .finish(begun(202, {{"location", "https://management.azure.com/o"}, {"retry-after", "15"}}), "/x", kVaultsApi,
                          "make it");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace portalkey
