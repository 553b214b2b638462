#include "provision/access.h"

#include "tests/provision/provision_world.h"

namespace portalkey::access_test {
namespace {

constexpr const char* kUrl = "https://v.vault.azure.net";
std::string refused(const char* inner) {
  return std::string(R"({"error":{"code":"Forbidden","message":"x","innererror":{"code":")") + inner + R"("}}})";
}
constexpr const char* kNoSecret = R"({"error":{"code":"SecretNotFound","message":"A secret was not found"}})";

struct Waiting : ProvisionWorld {
  FixedCredential app;
  std::vector<std::string> said;
  Result<void> wait() {
    return wait_for_access(azure, app, kUrl, "RefreshToken", [&](std::string_view text) { said.emplace_back(text); });
  }
};

TEST(WaitForAccess, AMissingSecretMeansThatTheAppIsIn) {
  Waiting world;
  world.http.answer(404, kNoSecret);
  EXPECT_TRUE(world.wait());
  EXPECT_TRUE(world.said.empty());
  EXPECT_TRUE(world.admin.asked.empty()) << "it is the app that must get in";
}

TEST(WaitForAccess, ForbiddenByRbacIsWaitedOutAndSaid) {
  Waiting world;
  for (int i = 0; i < 20; ++i) world.http.answer(403, refused("ForbiddenByRbac"));
  world.http.answer(404, kNoSecret);
  auto done = world.wait();
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_GE(world.said.size(), 3U);
}

TEST(WaitForAccess, AfterTenMinutesTheRefusalIsReal) {
  Waiting world;
  const auto start = world.clock.steady_now();
  for (int i = 0; i < 44; ++i) world.http.answer(403, refused("ForbiddenByRbac"));
  auto done = world.wait();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::forbidden);
  const auto waited = world.clock.steady_now() - start;
  EXPECT_GT(waited, std::chrono::minutes(9));
  EXPECT_LE(waited, std::chrono::minutes(10));
}

TEST(WaitForAccess, AFirewallIsNotWaitedFor) {
  Waiting world;
  world.http.answer(403, refused("ForbiddenByFirewall"));
  auto done = world.wait();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::forbidden);
}

TEST(WaitForAccess, ASecretThatIsNotKnownYetIsWaitedForTwoMinutesAtMost) {
  {
    Waiting world;
    world.app.failures.assign(3, Error{Errc::unauthenticated, "the client secret is wrong (AADSTS7000215)", "", {}});
    world.http.answer(404, kNoSecret);
    EXPECT_TRUE(world.wait());
  }
  Waiting world;
  world.app.failures.assign(100, Error{Errc::unauthenticated, "the client secret is wrong (AADSTS7000215)", "", {}});
  const auto start = world.clock.steady_now();
  EXPECT_FALSE(world.wait());
  EXPECT_LE(world.clock.steady_now() - start, std::chrono::seconds(150));
}

TEST(WaitForAccess, AnExpiredSecretIsNotWaitedFor) {
  Waiting world;
  world.app.failures.assign(1, Error{Errc::unauthenticated, "the client secret has expired (AADSTS7000222)", "", {}});
  EXPECT_FALSE(world.wait());
}

}  // namespace
}  // namespace portalkey::access_test
