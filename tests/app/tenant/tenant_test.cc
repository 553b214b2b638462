#include "app/tenant/tenant.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/tasks.h"
#include "tests/app/tenant_world.h"
#include "tests/entra/jwt.h"

namespace portalkey::tenant_test {
namespace {

using namespace std::chrono_literals;

/// Entra and the portal, for any number of threads. Every answer takes a moment.
class Microsoft final : public Http {
 public:
  explicit Microsoft(Clock& clock) : clock_(clock) {}
  Result<Response> send(const Request& request, const Deadline& deadline) override {
    clock_.sleep_for(5ms, deadline.stop);
    Response response;
    response.status = 200;
    response.body = Secret("[]");
    if (request.url.host() == "login.microsoftonline.com") {
      ++redemptions;
      if (refuses) {
        response.status = 400;
        response.body = Secret(R"({"error":"invalid_grant","error_codes":[50076]})");
      } else {
        const auto token =
            unsigned_jwt(R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})");
        response.body = Secret(R"({"access_token":")" + token + R"(","refresh_token":"RT","expires_in":4000})");
      }
    } else {
      ++calls;
    }
    return response;
  }

  std::atomic<int> redemptions{0}, calls{0};
  std::atomic<bool> refuses{false};

 private:
  Clock& clock_;
};

PortalCall roles() {
  PortalCall call;
  call.path = "/api/AccountSkus";
  return call;
}

/// Each of `threads` threads makes `each` calls at once, in tasks; returns how many succeeded.
int call_at_once(Tenant& tenant, int threads, int each) {
  std::atomic<int> good{0};
  std::vector<std::jthread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&] {
      SystemClock clock;
      Tasks tasks(clock);
      for (int i = 0; i < each; ++i) {
        tasks.start([&] { good += tenant.portal().call(roles(), tenant.deadline()).has_value(); });
      }
      tasks.run();
    });
  }
  running.clear();
  return good;
}

TEST(Tenant, JobsOfSeveralThreadsShareOneSession) {
  TenantWorld world;
  SystemClock clock;
  Microsoft microsoft(clock);
  auto around = world.surroundings(&microsoft);
  around.clock = &clock;
  Tenant tenant(world.profile(), around);
  world.sign_in(tenant);
  EXPECT_EQ(call_at_once(tenant, 3, 20), 60);
  EXPECT_EQ(microsoft.redemptions, 1);
  EXPECT_EQ(microsoft.calls, 60);
}

TEST(Tenant, ASessionThatHasEndedIsAskedForOnceByAll) {
  TenantWorld world;
  Microsoft microsoft(world.clock);
  Tenant tenant(world.profile(), world.surroundings(&microsoft));
  world.sign_in(tenant);
  microsoft.refuses = true;
  std::vector<Errc> got;
  Tasks tasks(world.clock);
  for (int i = 0; i < 20; ++i) {
    tasks.start([&] {
      auto answer = tenant.portal().call(roles(), tenant.deadline());
      if (!answer) got.push_back(answer.error().code);
    });
  }
  tasks.run();
  EXPECT_EQ(got, std::vector<Errc>(20, Errc::needs_person));
  EXPECT_EQ(microsoft.redemptions, 1);
  EXPECT_EQ(microsoft.calls, 0);
}

TEST(Tenant, SeveralStandSideBySide) {
  TenantWorld world;
  SystemClock clock;
  Microsoft microsoft(clock);
  auto around = world.surroundings(&microsoft);
  around.clock = &clock;
  Tenant contoso(world.profile("contoso"), around), fabrikam(world.profile("fabrikam"), around);
  world.sign_in(contoso);
  world.sign_in(fabrikam);
  std::jthread other([&] { EXPECT_EQ(call_at_once(fabrikam, 2, 10), 20); });
  EXPECT_EQ(call_at_once(contoso, 2, 10), 20);
  other.join();
  EXPECT_EQ(microsoft.redemptions, 2);
}

TEST(Tenant, ProfilesOfOneTenantShareItsLimitOnActivations) {
  TenantWorld world;
  auto first = world.profile("first"), second = world.profile("second"), another = world.profile("another");
  for (auto* profile : {&first, &second, &another}) profile->activations = 2;
  another.tenant = "99999999-2222-3333-4444-555555555555";
  Tenant one(first, world.surroundings()), two(second, world.surroundings()), three(another, world.surroundings());
  auto pace = one.pace(), same = two.pace(), own = three.pace();
  ASSERT_TRUE(pace && same && own);
  EXPECT_EQ((*pace)->take()->count(), 0);
  EXPECT_EQ((*same)->take()->count(), 0);
  EXPECT_GT((*same)->take()->count(), 0);
  EXPECT_GT((*pace)->take()->count(), 0);
  EXPECT_EQ((*own)->take()->count(), 0) << "another tenant's";
}

TEST(Tenant, TheLimitIsTheTenantsHoweverAProfileNamesIt) {
  TenantWorld world;
  auto by_id = world.profile("id"), by_domain = world.profile("domain");
  by_domain.tenant = "contoso.com";
  by_id.activations = by_domain.activations = 1;
  world.http.answer(
      200, std::string(R"({"token_endpoint":"https://login.microsoftonline.com/)") + kTestTenant + R"(/oauth2/v2.0/token"})");
  Tenant one(by_id, world.surroundings()), two(by_domain, world.surroundings());
  auto pace = one.pace(), same = two.pace();
  ASSERT_TRUE(pace && same) << same.error().what;
  EXPECT_EQ((*pace)->take()->count(), 0);
  EXPECT_GT((*same)->take()->count(), 0);
}

TEST(Tenant, WithoutACommonFolderAProfileKeepsTheLimitForItself) {
  TenantWorld world;
  auto profile = world.profile();
  profile.common_folder = "/proc/no folder can be made here";
  profile.activations = 1;
  Tenant tenant(profile, world.surroundings());
  auto pace = tenant.pace(), same = tenant.pace();
  ASSERT_TRUE(pace && same) << pace.error().what;
  EXPECT_EQ((*pace)->take()->count(), 0);
  EXPECT_GT((*same)->take()->count(), 0);
}

TEST(Tenant, EachJobHasADirectoryOfItsOwn) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  EXPECT_NE(tenant.open_tokens().get(), tenant.open_tokens().get());
  EXPECT_EQ(tenant.open_tokens()->name(), "the portal API");
}

TEST(Tenant, ACredentialThatAsksAPersonAsksTheOneWhoIsThere) {
  TenantWorld world;
  auto profile = world.profile();
  profile.credential.type = CredentialType::device_code;
  Tenant tenant(profile, world.surroundings());
  world.http.answer(200, R"({"user_code":"ABC","device_code":"d","verification_uri":"https://microsoft.com/devicelogin",)"
                         R"("expires_in":900,"interval":5})");
  world.http.answer(400, R"({"error":"authorization_declined"})");
  EXPECT_FALSE(tenant.azure().access_token("https://vault.azure.net", tenant.deadline()));
  EXPECT_EQ(world.person.seen, (std::vector<std::string>{"device code ABC for an account that may write to the vault"}));
}

}  // namespace
}  // namespace portalkey::tenant_test
