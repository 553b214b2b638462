#include "jobs/run/run_job.h"

#include "jobs/run/journal_record.h"
#include "jobs/store/sqlite/sqlite_job_store.h"
#include "tests/jobs/fake_portal.h"
#include "tests/temporary_folder.h"

namespace portalkey::run_job_test {
namespace {

using State = TokenOutcome::State;

struct RunJob : testing::Test, JobWorld {
  std::vector<TokenSeed> known = seeds(6);
  std::vector<JobToken> rows;

  void have(std::size_t i, bool active = true) {
    const auto& seed = known[i];
    portal.tokens.push_back({seed.serial, seed.upn, seed.base32.reveal([](std::string_view t) { return std::string(t); }),
                             "oath-" + seed.serial, 30, active});
  }

  JobToken& add(TokenChange change, std::size_t i, bool with_key) {
    JobToken token;
    token.change = change;
    token.outcome.state = State::not_done;
    token.outcome.serial = known[i].serial;
    token.outcome.upn = known[i].upn;
    if (with_key) {
      token.seed.serial = known[i].serial;
      token.seed.upn = known[i].upn;
      token.seed.step = 30;
      token.seed.base32 = known[i].base32.clone();
    }
    rows.push_back(std::move(token));
    return rows.back();
  }

  std::optional<Error> run(bool dry = false) {
    JobOptions options;
    options.dry_run = dry;
    return run(options);
  }
  std::optional<Error> run(const JobOptions& options) {
    HeldRecord record(rows);
    const auto end = run_job(record, tokens, options, clock, random, progress, {});
    for (std::size_t i = 0; i < rows.size(); ++i) end.explain(i, rows[i]);
    return end.stopped;
  }

  bool holds(std::size_t i) const {
    return std::ranges::find(portal.tokens, known[i].serial, &FakePortal::Token::serial) != portal.tokens.end();
  }
};

TEST_F(RunJob, ATokenIsRemovedFromItsUserOnly) {
  have(0);
  have(1);
  add(TokenChange::remove, 0, false).from = known[0].upn;
  add(TokenChange::remove, 1, false).from = "somebody.else@contoso.com";
  add(TokenChange::remove, 2, false).from = known[2].upn;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::removed);
  EXPECT_EQ(rows[1].outcome.state, State::failed);
  EXPECT_NE(rows[1].outcome.reason.find("is assigned to user1@contoso.com, not to somebody.else"), std::string::npos);
  EXPECT_EQ(rows[2].outcome.state, State::removed) << "it was gone already";
  EXPECT_FALSE(holds(0));
  EXPECT_TRUE(holds(1));
}

TEST_F(RunJob, ARemovalWhoseAnswerIsLostIsLookedAt) {
  have(0);
  portal.lose_removals = 1;
  add(TokenChange::remove, 0, false);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::removed);
  EXPECT_EQ(portal.removals, 1);
}

TEST_F(RunJob, ARemovalThatDidNotArriveIsSentAgain) {
  have(0);
  portal.drop_removals = 2;
  add(TokenChange::remove, 0, false);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::removed);
  EXPECT_EQ(portal.removals, 3);
}

TEST_F(RunJob, AnAnswerIsNotBelieved) {
  have(0);
  portal.ignore_removals = true;
  add(TokenChange::remove, 0, false);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::failed);
  EXPECT_NE(rows[0].outcome.reason.find("did not do it"), std::string::npos) << rows[0].outcome.reason;
}

TEST_F(RunJob, TheOldTokenGoesWhenTheNewOneIsActive) {
  have(0);
  known[1].upn = known[0].upn;
  add(TokenChange::create, 1, true);
  auto& old = add(TokenChange::remove, 0, false);
  old.from = known[0].upn;
  old.replaced_by = known[1].serial;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::active);
  EXPECT_EQ(rows[1].outcome.state, State::removed);
  EXPECT_FALSE(holds(0));
}

TEST_F(RunJob, TheOldTokenIsKeptIfTheNewOneCannotBeActive) {
  have(0);
  known[1].upn = known[0].upn;
  portal.refused_upns.insert(known[0].upn);
  add(TokenChange::create, 1, true);
  auto& old = add(TokenChange::remove, 0, false);
  old.from = known[0].upn;
  old.replaced_by = known[1].serial;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::failed);
  EXPECT_EQ(rows[1].outcome.state, State::not_done);
  EXPECT_TRUE(holds(0));
}

TEST_F(RunJob, ATokenGoesToSomebodyElse) {
  have(0);
  const std::string before = known[0].upn;
  known[0].upn = "zoe@contoso.com";
  add(TokenChange::reassign, 0, true).from = before;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::active) << rows[0].outcome.reason;
  ASSERT_EQ(portal.tokens.size(), 1u);
  EXPECT_EQ(portal.tokens[0].upn, "zoe@contoso.com");
  // Run again, as after a crash between the two: it is zoe's already.
  rows.clear();
  add(TokenChange::reassign, 0, true).from = before;
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::already_active);
  EXPECT_EQ(portal.removals, 1);
}

TEST_F(RunJob, OnlyWhatIsThereIsActivated) {
  have(0, false);
  have(1, true);
  add(TokenChange::activate, 0, true);
  add(TokenChange::activate, 1, true);
  add(TokenChange::activate, 2, true);
  rows[0].seed.upn.clear();  // the file does not say whose it is
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::active) << rows[0].outcome.reason;
  EXPECT_EQ(rows[1].outcome.state, State::already_active);
  EXPECT_EQ(rows[2].outcome.state, State::failed);
  EXPECT_EQ(portal.uploads, 0);
}

/// A leaver's token in the vendor's file, or in a job that was cut off before it was removed.
TEST_F(RunJob, WhatWasTakenAwayIsNotPutInAgain) {
  have(1, true);   // put back by others since
  have(2, false);  // likewise
  for (std::size_t i = 0; i < 4; ++i) add(TokenChange::create, i, true);
  JobOptions options;
  for (const std::size_t i : {0, 1, 2}) {
    options.not_again[known[i].serial] = {.serial = known[i].serial,
                                          .job = "j",
                                          .from = "zoe@contoso.com",
                                          .replaced_by = "X9",
                                          .kept = false,
                                          .when = clock.now()};
  }
  EXPECT_FALSE(run(options));
  EXPECT_EQ(rows[0].outcome.state, State::rejected);
  EXPECT_EQ(rows[0].outcome.reason, "was replaced by X9 on 2026-01-01 (job j)");
  EXPECT_EQ(rows[1].outcome.state, State::already_active);
  EXPECT_EQ(rows[2].outcome.state, State::active);
  EXPECT_EQ(rows[3].outcome.state, State::active);
  EXPECT_FALSE(holds(0));
}

TEST_F(RunJob, ATokenThatIsReassignedComesBackInTheSameJob) {
  have(0);
  const std::string before = known[0].upn;
  known[0].upn = "zoe@contoso.com";
  add(TokenChange::reassign, 0, true).from = before;
  JobOptions options;
  options.not_again[known[0].serial].serial = known[0].serial;  // of long ago
  EXPECT_FALSE(run(options));
  EXPECT_EQ(rows[0].outcome.state, State::active) << rows[0].outcome.reason;
}

TEST_F(RunJob, ADryRunSpeaksOfTheFuture) {
  add(TokenChange::remove, 0, false);
  EXPECT_FALSE(run(true));
  EXPECT_EQ(rows[0].outcome.state, State::nothing_to_do);
  EXPECT_EQ(rows[0].outcome.reason, "is not in the tenant any more");
  EXPECT_EQ(tokens.changes_asked(), 0u);
}

TEST_F(RunJob, WhetherAnythingWasAskedForIsKnown) {
  have(0);
  add(TokenChange::create, 0, true);
  EXPECT_FALSE(run());
  EXPECT_EQ(rows[0].outcome.state, State::already_active);
  EXPECT_EQ(tokens.changes_asked(), 0u);
  rows.clear();
  add(TokenChange::create, 1, true);
  EXPECT_FALSE(run());
  EXPECT_EQ(tokens.changes_asked(), 2u) << "an upload and an activation";
}

TEST_F(RunJob, ADryRunChangesNothing) {
  have(0);
  have(1, false);
  add(TokenChange::remove, 0, false);
  add(TokenChange::activate, 1, true);
  add(TokenChange::create, 2, true);
  EXPECT_FALSE(run(true));
  EXPECT_EQ(rows[0].outcome.state, State::would_do);
  EXPECT_EQ(rows[1].outcome.state, State::would_import);
  EXPECT_EQ(rows[2].outcome.state, State::would_import);
  EXPECT_EQ(portal.removals + portal.uploads, 0);
  EXPECT_TRUE(portal.codes.empty());
}

TEST_F(RunJob, WhatCannotGoOnIsSaidOfEachToken) {
  have(0, false);
  have(1);
  portal.forbid_after = 0;
  add(TokenChange::activate, 0, true);
  add(TokenChange::remove, 1, false).replaced_by = known[0].serial;
  const auto stopped = run();
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->code, Errc::forbidden);
  EXPECT_EQ(rows[0].outcome.state, State::failed);
  EXPECT_EQ(rows[1].outcome.state, State::not_done);
  EXPECT_NE(rows[1].outcome.reason.find("kept: the new token"), std::string::npos);
}

struct JournaledRun : RunJob {
  TemporaryFolder folder;
  std::unique_ptr<JobStore> store = open();
  Lease lease;

  std::unique_ptr<JobStore> open() { return std::move(*open_job_store(folder.path() / "jobs", std::nullopt, clock)); }
  void begin(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      have(i, false);
      add(TokenChange::activate, i, true);
    }
    Job job;
    job.id = "j";
    ASSERT_TRUE(store->create(job, rows));
    lease = *store->claim("j");
  }
  std::optional<Error> run_journaled() {
    JobOptions options;
    OwnPace slow({.count = 1, .window = std::chrono::minutes(1)}, clock);
    options.pace = &slow;
    JournalRecord record(*store, lease, rows.size(), clock, {});
    return run_job(record, tokens, options, clock, random, progress, record.stop()).stopped;
  }
};

TEST_F(JournaledRun, ItsLeaseDoesNotEndWhileItWaits) {
  begin(6);
  bool claimed = false;
  portal.on_enable = [&] { claimed = claimed || open()->claim("j").has_value(); };
  EXPECT_FALSE(run_journaled());
  EXPECT_FALSE(claimed) << "after minutes";
  EXPECT_EQ(store->find("j")->good, 6u);
}

TEST_F(JournaledRun, ItStopsWhenAskedTo) {
  begin(6);
  portal.on_enable = [&] {
    if (portal.codes.size() == 2) {
      EXPECT_TRUE(*open()->ask_to_stop("j"));
    }
  };
  const auto stopped = run_journaled();
  ASSERT_TRUE(stopped);
  EXPECT_EQ(stopped->code, Errc::cancelled);
  EXPECT_LE(portal.codes.size(), 4u);
  EXPECT_GE(store->find("j")->good, 3u) << "what was done is written down";
}

TEST_F(JournaledRun, ItEndsWhenAnotherHasTakenItOver) {
  begin(6);
  std::unique_ptr<JobStore> other;
  portal.on_enable = [&] {
    if (portal.codes.size() != 2) return;
    clock.jump(kLeaseTime * 2);  // it was stopped, and another came that could not see that it lives
    portal.offset -= kLeaseTime * 2;
    std::filesystem::remove(folder.path() / "jobs" / "j.lock");
    other = open();
    ASSERT_TRUE(other->claim("j"));
  };
  const auto stopped = run_journaled();
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(is_lease_lost(*stopped)) << stopped->what;
  EXPECT_LE(portal.codes.size(), 4u);
}

/// NTP, or a laptop that wakes: this machine's clock is set by an hour while codes are sent. The server's is what counts.
TEST_F(RunJob, TheClockMayJumpByAnHour) {
  for (const auto jump : {std::chrono::hours(1), std::chrono::hours(-1)}) {
    rows.clear();
    portal.tokens.clear();
    portal.codes.clear();
    for (std::size_t i = 0; i < 6; ++i) {
      have(i, false);
      add(TokenChange::activate, i, true);
    }
    int calls = 0;
    portal.on_enable = [&] {
      if (++calls != 2) return;
      clock.jump(jump);
      portal.offset -= jump;
    };
    EXPECT_FALSE(run());
    for (const auto& row : rows) EXPECT_EQ(row.outcome.state, State::active) << jump << " " << row.outcome.reason;
    EXPECT_LE(portal.codes.size(), 6u + 2u * 3u) << "codes of the wrong hour were sent again and again";
  }
}

}  // namespace
}  // namespace portalkey::run_job_test
