// How much callers change in a day, and on whom they may act.

#include "service/callers/caller_use.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/temporary_folder.h"

namespace portalkey::caller_use_test {
namespace {

struct Use {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<CallerUse> opened() {
    auto use = open_caller_use(folder / "service", clock);
    if (!use) throw std::runtime_error(use.error().what);
    return std::move(*use);
  }
};

Caller limited(std::size_t most, std::string id = "k1") {
  Caller caller;
  caller.id = std::move(id);
  caller.limits.tokens_a_day = most;
  return caller;
}

TEST(CallerUse, ADayEndsAfterADayAndNotBefore) {
  Use made;
  const auto use = made.opened();
  const auto caller = limited(10);
  ASSERT_TRUE(use->count(caller, 10));
  EXPECT_EQ(use->count(caller, 1).error().code, Errc::throttled);
  made.clock.advance(std::chrono::hours(24));
  EXPECT_EQ(use->left(caller), 0U);
  made.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(use->left(caller), 10U);
  EXPECT_TRUE(use->count(caller, 10));
}

TEST(CallerUse, TheWaitThatIsToldIsEnough) {
  Use made;
  const auto use = made.opened();
  const auto caller = limited(1);
  ASSERT_TRUE(use->count(caller, 1));
  const auto refused = use->count(caller, 1);
  ASSERT_FALSE(refused);
  ASSERT_EQ(refused.error().context.at(1).first, "retry-after");
  const std::chrono::seconds wait(std::stoll(refused.error().context.at(1).second));
  made.clock.advance(wait - std::chrono::seconds(1));
  EXPECT_FALSE(use->count(caller, 1));
  made.clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(use->count(caller, 1));
}

TEST(CallerUse, AllOrNoneIsCounted) {
  Use made;
  const auto use = made.opened();
  const auto caller = limited(10);
  ASSERT_TRUE(use->count(caller, 7));
  EXPECT_FALSE(use->count(caller, 4));
  EXPECT_EQ(use->left(caller), 3U);
  EXPECT_TRUE(use->count(caller, 3));
  EXPECT_TRUE(use->uncount(caller, 5));
  EXPECT_EQ(use->left(caller), 5U);
  EXPECT_TRUE(use->uncount(caller, 500));
  EXPECT_EQ(use->left(caller), 10U);
}

TEST(CallerUse, ItOutlivesARestartAndEachCallerHasItsOwn) {
  Use made;
  ASSERT_TRUE(made.opened()->count(limited(10), 8));
  EXPECT_EQ(made.opened()->left(limited(10)), 2U);
  EXPECT_EQ(made.opened()->left(limited(10, "k2")), 10U);
  auto app = limited(10);
  app.kind = Caller::Kind::app;
  EXPECT_EQ(made.opened()->left(app), 10U);
}

TEST(CallerUse, ThreadsAndProcessesCannotPassTheLimitTogether) {
  Use made;
  std::vector<std::unique_ptr<CallerUse>> uses;
  for (int i = 0; i < 2; ++i) uses.push_back(made.opened());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int turn = 0; turn < 20; ++turn) (void)uses[static_cast<std::size_t>(i % 2)]->count(limited(50), 1);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(uses[0]->left(limited(50)), 0U);
  EXPECT_EQ(uses[0]->left(limited(51)), 1U);
}

TEST(CallerUse, WhoHasNoLimitIsNotCounted) {
  Use made;
  const auto use = made.opened();
  EXPECT_TRUE(use->count(Caller{}, 1'000'000));
  EXPECT_GT(*use->left(Caller{}), 1'000'000U);
}

TEST(MayActOn, DomainsAndGroupsBothHold) {
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  int asked = 0;
  bool member = true;
  GroupLimit groups(
      [&](const std::string&, const std::string& user) -> Result<bool> {
        ++asked;
        EXPECT_EQ(user, "ada@contoso.com");
        return member;
      },
      clock);
  CallerLimits limits;
  EXPECT_TRUE(*may_act_on(limits, "", groups));
  limits.domains = {"contoso.com"};
  EXPECT_TRUE(*may_act_on(limits, "Ada@Contoso.COM", groups));
  for (const char* other :
       {"", "ada", "ada@contoso.com.evil.example", "ada@evilcontoso.com", "contoso.com", "a@contoso.com@x.y"})
    EXPECT_FALSE(*may_act_on(limits, other, groups)) << other;
  EXPECT_EQ(asked, 0);
  limits.groups = {"5b1e1d0e-7d3c-4a52-9b5f-0f7d1c2b3a49"};
  EXPECT_TRUE(*may_act_on(limits, "Ada@Contoso.COM", groups));
  member = false;
  EXPECT_TRUE(*may_act_on(limits, "ada@contoso.com", groups));  // remembered
  EXPECT_EQ(asked, 1);
  clock.advance(GroupLimit::kRemembered);
  EXPECT_FALSE(*may_act_on(limits, "ada@contoso.com", groups));
}

TEST(MayActOn, AQuestionThatFailsIsNoYesAndIsNotRemembered) {
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  bool works = false;
  GroupLimit groups(
      [&](const std::string&, const std::string&) -> Result<bool> {
        if (!works) return fail(Errc::unavailable, "Graph does not answer");
        return true;
      },
      clock);
  CallerLimits limits;
  limits.groups = {"5b1e1d0e-7d3c-4a52-9b5f-0f7d1c2b3a49"};
  EXPECT_EQ(may_act_on(limits, "ada@contoso.com", groups).error().code, Errc::unavailable);
  works = true;
  EXPECT_TRUE(*may_act_on(limits, "ada@contoso.com", groups));
}

}  // namespace
}  // namespace portalkey::caller_use_test
