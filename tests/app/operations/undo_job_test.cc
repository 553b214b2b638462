#include "app/operations/undo_job.h"

#include "app/operations/import_seeds.h"
#include "tests/app/jobs_world.h"

namespace portalkey::undo_job_test {
namespace {

using State = TokenOutcome::State;

struct UndoJob : testing::Test {
  JobsWorld world;
  std::string file = world.seeds({JobsWorld::row(1), JobsWorld::row(2)});

  Result<JobOutcome> import() {
    SeedImport wanted;
    wanted.seeds.file = file;
    return import_seeds(world.tenant, wanted);
  }
  Result<JobOutcome> undo(const std::string& id, const JobTerms& terms = {}) {
    auto store = *world.tenant.jobs();
    return undo_job(world.tenant, *store, id, terms);
  }
  std::vector<std::string> held() const {
    std::vector<std::string> serials;
    for (const auto& token : world.portal.tokens) serials.push_back(token.serial);
    return serials;
  }
};

TEST_F(UndoJob, WhatTheJobPutInIsRemovedAndWhatItFoundStays) {
  world.portal.tokens.push_back({"T0002", "user2@contoso.com", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQACQ", "oath-2", 30, false});
  const auto done = import();
  ASSERT_TRUE(done) << done.error().what;
  ASSERT_EQ(states(done->tokens), (std::vector{State::active, State::active})) << done->tokens[1].reason;
  std::size_t shown = 0;
  JobTerms terms;
  terms.agree = [&](const std::vector<JobToken>& rows) -> Result<void> {
    shown = rows.size();
    EXPECT_EQ(rows[1].outcome.state, State::rejected) << "what cannot be undone is said before";
    return {};
  };
  const auto undone = undo(done->job.id, terms);
  ASSERT_TRUE(undone) << undone.error().what;
  EXPECT_EQ(shown, 2u);
  EXPECT_EQ(states(undone->tokens), (std::vector{State::removed, State::rejected}));
  EXPECT_EQ(held(), (std::vector<std::string>{"T0002"}));
  EXPECT_EQ(world.journal().front().kind, "undo");
}

TEST_F(UndoJob, WhatWasUndoneMayBeDoneAgain) {
  const auto done = import();
  ASSERT_TRUE(undo(done->job.id));
  EXPECT_TRUE(held().empty());
  EXPECT_EQ(states(import()->tokens), (std::vector{State::active, State::active}));
}

TEST_F(UndoJob, ATokenThatSomebodyElseHasNowStays) {
  const auto done = import();
  world.portal.tokens.front().upn = "zoe@contoso.com";
  const auto undone = undo(done->job.id);
  ASSERT_TRUE(undone) << undone.error().what;
  EXPECT_EQ(undone->tokens[0].code, OutcomeCode::assigned_to_other);
  EXPECT_EQ(held(), (std::vector<std::string>{"T0001"}));
}

TEST_F(UndoJob, WhatIsGoneAlreadyIsNothingToUndo) {
  const auto done = import();
  world.portal.tokens.clear();
  EXPECT_EQ(undo(done->job.id).error().code, Errc::not_found);
}

TEST_F(UndoJob, AJobThatCouldGoOnIsNotUndone) {
  world.portal.refused_upns.insert("user2@contoso.com");
  const auto done = import();
  ASSERT_EQ(done->tokens[1].state, State::failed);
  EXPECT_EQ(undo(done->job.id).error().code, Errc::invalid_input);
  auto store = *world.tenant.jobs();
  const auto lease = store->claim(done->job.id);
  ASSERT_TRUE(store->finish(*lease, Job::State::cancelled));
  const auto undone = undo(done->job.id);
  ASSERT_TRUE(undone) << undone.error().what;
  EXPECT_EQ(states(undone->tokens), (std::vector{State::removed}));
}

}  // namespace
}  // namespace portalkey::undo_job_test
