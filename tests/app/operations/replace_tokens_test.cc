#include "app/operations/replace_tokens.h"

#include "tests/app/jobs_world.h"

namespace portalkey::replace_tokens_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

/// Anna has T0001, and gets T0002.
struct ReplaceTokens : testing::Test, JobsWorld {
  ReplaceTokens() {
    portal.tokens.push_back({"T0001", "anna@contoso.com", "", "oath-1", 30, true});
    portal.tokens.push_back({"T0003", "ben@contoso.com", "", "oath-3", 30, true});
    wanted.seeds.file = seeds({row(2, false)});
    wanted.upn = "anna@contoso.com";
    wanted.old_serial = "T0001";
    wanted.new_serial = "T0002";
  }
  bool holds(std::string_view serial) const {
    return std::ranges::find(portal.tokens, serial, &FakePortal::Token::serial) != portal.tokens.end();
  }
  TokenReplacements wanted;
};

TEST_F(ReplaceTokens, TheOldOneGoesWhenTheNewOneIsActive) {
  const auto done = replace_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::removed})) << done->tokens[0].reason;
  EXPECT_FALSE(holds("T0001"));
  EXPECT_TRUE(holds("T0002"));
}

TEST_F(ReplaceTokens, ItStaysIfTheNewOneCannotComeIn) {
  portal.refused_upns.insert("anna@contoso.com");
  const auto done = replace_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(done->tokens[0].state, State::failed);
  EXPECT_EQ(done->tokens[1].code, OutcomeCode::kept);
  EXPECT_TRUE(holds("T0001"));
}

TEST_F(ReplaceTokens, SomebodyElsesTokenIsNotReplaced) {
  wanted.old_serial = "T0003";
  const auto done = replace_tokens(tenant, wanted);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::invalid_input);
  EXPECT_TRUE(done.error().what.contains("is assigned to ben@contoso.com, not to anna@contoso.com")) << done.error().what;
  EXPECT_EQ(portal.uploads, 0);
}

TEST_F(ReplaceTokens, ARowOfAListThatCannotBeIsToldAmongTheOthers) {
  wanted.list = (folder / "list.csv").string();
  std::ofstream(wanted.list) << "serial number,upn,replaces\nT0002,anna@contoso.com,T0001\nT0009,ben@contoso.com,T0003\n";
  const auto done = replace_tokens(tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::removed, State::rejected}));
  EXPECT_EQ(done->tokens[2].remedy, "See [[validate|FILE]].");
  EXPECT_TRUE(holds("T0003"));
}

}  // namespace
}  // namespace portalkey::replace_tokens_test
