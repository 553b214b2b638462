#include "app/operations/import_seeds.h"

#include "tests/app/jobs_world.h"

namespace portalkey::import_seeds_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

SeedImport file(std::string path) {
  SeedImport wanted;
  wanted.seeds.file = std::move(path);
  return wanted;
}

TEST(ImportSeeds, EachUsableRowBecomesAnActiveToken) {
  JobsWorld world;
  const auto done =
      import_seeds(world.tenant, file(world.seeds({world.row(1), "user2@contoso.com,T0002,1O1O,30,SHA1", world.row(3)})));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::rejected, State::active}));
  EXPECT_EQ(done->tokens[1].code, OutcomeCode::unusable_row);
  EXPECT_EQ(done->tokens[1].line, 3) << "in the file's order";
  EXPECT_FALSE(done->stopped);
  EXPECT_TRUE(done->all_settled() && done->kept && done->puts_in);
  ASSERT_EQ(world.journal().size(), 1u);
  EXPECT_EQ(world.journal()[0].id, done->job.id);
  EXPECT_EQ(world.journal()[0].state, Job::State::done);
  EXPECT_EQ(world.journal()[0].good, 2u);
}

TEST(ImportSeeds, ASecondTimeItChangesNothingAndKeepsNoJob) {
  JobsWorld world;
  const auto wanted = file(world.seeds({world.row(1)}));
  ASSERT_TRUE(import_seeds(world.tenant, wanted));
  const auto again = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(states(again->tokens), States{State::already_active});
  EXPECT_FALSE(again->kept || again->puts_in);
  EXPECT_EQ(world.portal.uploads, 1);
  EXPECT_EQ(world.journal().size(), 1u);
}

TEST(ImportSeeds, UntilUploadedNothingIsActivated) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  wanted.activate = false;
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::uploaded});
  EXPECT_TRUE(world.portal.codes.empty());
}

TEST(ImportSeeds, GraphTakesTokensOfNobody) {
  JobsWorld world(Backend::graph);
  auto wanted = file(world.seeds({world.row(1, false), world.row(2, false)}));
  wanted.activate = false;
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::uploaded, State::uploaded})) << done->tokens[0].reason;
  EXPECT_EQ(world.microsoft.devices.size(), 2u);
  EXPECT_EQ(world.journal()[0].backend, "graph");
}

TEST(ImportSeeds, WhatTheBackendDoesNotTakeSaysWhichOneWould) {
  JobsWorld world;
  const auto done = import_seeds(
      world.tenant, file(world.seeds({"user1@contoso.com,T0001,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,SHA256", world.row(2)})));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::rejected, State::active}));
  EXPECT_EQ(done->tokens[0].remedy, "Microsoft Graph takes it: [[setting|backend|graph]].");
}

TEST(ImportSeeds, ADryRunTellsWhatItWouldDoAndLeavesNoTrace) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  wanted.terms.dry_run = true;
  wanted.terms.agree = [](const auto&) -> Result<void> { return fail(Errc::internal, "a dry run is not asked about"); };
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::would_import});
  EXPECT_TRUE(done->dry_run && done->puts_in);
  EXPECT_EQ(world.portal.uploads, 0);
  EXPECT_FALSE(std::filesystem::exists(world.tenant.jobs_folder()));
}

TEST(ImportSeeds, WhoeverDoesNotAgreeHasNothingChanged) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  std::size_t shown = 0;
  wanted.terms.agree = [&](const std::vector<JobToken>& tokens) -> Result<void> {
    shown = tokens.size();
    return fail(Errc::cancelled, "no");
  };
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::cancelled);
  EXPECT_EQ(shown, 1u);
  EXPECT_EQ(world.portal.uploads, 0);
  EXPECT_FALSE(std::filesystem::exists(world.tenant.jobs_folder()));
}

}  // namespace
}  // namespace portalkey::import_seeds_test
