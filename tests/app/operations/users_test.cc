#include "app/operations/users.h"

#include <fstream>

#include "app/operations/leave_tokens.h"
#include "app/operations/show_token.h"
#include "tests/app/jobs_world.h"

namespace portalkey::users_test {
namespace {

/// The tokens of two people, without a Graph that could be asked.
struct DailyWork : testing::Test {
  JobsWorld world;
  DailyWork() {
    const std::string key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQAAQ";
    world.portal.tokens.push_back({"T1", "user1@contoso.com", key, "oath-1", 30, true});
    world.portal.tokens.push_back({"T2", "user1@contoso.com", key, "oath-2", 30, false});
    world.portal.tokens.push_back({"T3", "user2@contoso.com", key, "oath-3", 30, true});
  }
};

TEST_F(DailyWork, PlacesAreAtMostSoManyWhereGraphCannotBeAsked) {
  const auto user = show_user(world.tenant, "user1@contoso.com");
  ASSERT_TRUE(user) << user.error().what;
  EXPECT_EQ(user->tokens.size(), 2u);
  EXPECT_EQ(user->free, 3u);
  EXPECT_FALSE(user->methods);
  EXPECT_FALSE(user->account.exists);
  EXPECT_FALSE(user->not_checked.empty());
}

TEST_F(DailyWork, PeopleOfAFileAreCountedOnce) {
  const auto file = (world.folder / "people.csv").string();
  std::ofstream(file) << "upn\nuser1@contoso.com\nzoe@contoso.com\nUSER1@contoso.com\n";
  const auto all = list_users(world.tenant, {.group = "", .file = file, .without_token = false});
  ASSERT_TRUE(all) << all.error().what;
  ASSERT_EQ(all->users.size(), 2u);
  EXPECT_EQ(all->users[0].tokens, 2u);
  EXPECT_EQ(all->users[0].active, 1u);
  const auto lacking = list_users(world.tenant, {.group = "", .file = file, .without_token = true});
  ASSERT_EQ(lacking->users.size(), 1u);
  EXPECT_EQ(lacking->users[0].account.upn, "zoe@contoso.com");
  EXPECT_EQ(lacking->asked, 2u);
}

TEST_F(DailyWork, AGroupNeedsGraph) {
  EXPECT_EQ(list_users(world.tenant, {.group = "Drivers", .file = "", .without_token = false}).error().code, Errc::not_found);
}

TEST_F(DailyWork, ALeaversTokensGoAndASecondTimeIsNoError) {
  Leavers leavers;
  leavers.user = "user1@contoso.com";
  const auto left = leave_tokens(world.tenant, leavers);
  ASSERT_TRUE(left) << left.error().what;
  EXPECT_EQ(left->job.kind, "leave");
  EXPECT_EQ(left->tokens.size(), 2u);
  EXPECT_EQ(world.portal.tokens.size(), 1u);
  const auto again = leave_tokens(world.tenant, leavers);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_TRUE(again->tokens.empty());
  EXPECT_EQ(world.journal().size(), 1u);
  leavers.user = "zoe@contoso.com";  // nobody knows her
  EXPECT_EQ(leave_tokens(world.tenant, leavers).error().code, Errc::not_found);
}

TEST_F(DailyWork, ATokenIsShownWithItsJobsAlsoWhenItIsGone) {
  Leavers leavers;
  leavers.user = "user2@contoso.com";
  EXPECT_TRUE(show_token(world.tenant, "t3")->events.empty());
  ASSERT_TRUE(leave_tokens(world.tenant, leavers));
  const auto token = show_token(world.tenant, "T3");
  ASSERT_TRUE(token) << token.error().what;
  EXPECT_FALSE(token->held);
  ASSERT_EQ(token->events.size(), 1u);
  EXPECT_EQ(token->events[0].kind, "leave");
  EXPECT_EQ(show_token(world.tenant, "T4").error().code, Errc::not_found);
}

}  // namespace
}  // namespace portalkey::users_test
