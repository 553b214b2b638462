#include "jobs/store/sqlite/tenant_pace.h"

#include "tests/jobs/store/activation_pace_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::tenant_pace_test {
namespace {

using namespace std::chrono_literals;

struct World {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::unique_ptr<ActivationPace> pace(const std::string& tenant = "contoso.com",
                                       ActivationLimit limit = {.count = 3, .window = 10s}) {
    auto pace = open_tenant_pace(folder.path() / "activations", tenant, limit, clock);
    EXPECT_TRUE(pace) << pace.error().what;
    return std::move(*pace);
  }
};

struct OfATenant : World {
  std::unique_ptr<ActivationPace> open(ActivationLimit limit) { return pace("tenant " + std::to_string(++tenants), limit); }
  int tenants = 0;
};
INSTANTIATE_TYPED_TEST_SUITE_P(OfATenant, ActivationPaceContract, OfATenant);

TEST(TenantPace, JobsOfATenantShareItAndThoseThatWereKilledCount) {
  World world;
  auto other = world.pace("fabrikam.com");
  auto second = world.pace();
  {
    auto first = world.pace();
    ASSERT_EQ(first->take()->count(), 0);
    ASSERT_EQ(first->take()->count(), 0);
    ASSERT_TRUE(first->answered());
  }  // the other answer never came
  world.clock.advance(4s);
  EXPECT_EQ(second->take()->count(), 0);
  EXPECT_EQ(second->take()->count(), 6000);
  EXPECT_EQ(second->least_time(1), 6s);
  EXPECT_EQ(other->take()->count(), 0) << "another tenant's";
  world.clock.advance(6s);
  EXPECT_EQ(second->take()->count(), 0);
  EXPECT_EQ(second->take()->count(), 0);
  EXPECT_GT(second->take()->count(), 0);
}

TEST(TenantPace, NeverMoreThanTheLimitInAnyWindowByTwo) {
  World world;
  std::unique_ptr<ActivationPace> paces[] = {world.pace(), world.pace()};
  std::vector<SteadyTime> sent;
  for (std::size_t i = 0; i < 20; ++i) {
    auto& pace = *paces[i % 2];
    while (const auto wait = pace.take()->count()) world.clock.advance(std::chrono::milliseconds(wait));
    world.clock.advance(300ms);
    ASSERT_TRUE(pace.answered());
    sent.push_back(world.clock.steady_now());
  }
  for (std::size_t i = 3; i < sent.size(); ++i) EXPECT_GE(sent[i] - sent[i - 3], 10s) << i;
}

TEST(TenantPace, AClockThatWasSetBackDoesNotStopIt) {
  World world;
  auto pace = world.pace();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(pace->take()->count(), 0);
    ASSERT_TRUE(pace->answered());
  }
  world.clock.advance(-1h);
  EXPECT_EQ(pace->take()->count(), 0);
}

}  // namespace
}  // namespace portalkey::tenant_pace_test
