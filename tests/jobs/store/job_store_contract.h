#pragma once
// What every JobStore promises (jobs/store/job_store.h), as tests. A journal of the kind to be tested is a type with
//
//   std::unique_ptr<JobStore> open();      another process that works with the same journal
//   void kill(std::unique_ptr<JobStore>);  that process dies: it gives nothing back
//   ManualClock clock;
//
// INSTANTIATE_TYPED_TEST_SUITE_P(Name, JobStoreContract, Journal) runs them all.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/time_text.h"
#include "jobs/store/job_store.h"

namespace portalkey {

using OutcomeState = TokenOutcome::State;

template <class Journal>
class JobStoreContract : public testing::Test {
 protected:
  static constexpr std::string_view kKey = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

  JobStoreContract() : store_(journal_.open()) {}

  static Job job(std::string id, std::string tenant = "contoso.com") {
    Job job;
    job.id = std::move(id);
    job.tenant = std::move(tenant);
    job.backend = "portal";
    job.file = "seeds.csv";
    return job;
  }
  static std::vector<JobToken> tokens(std::size_t count) {
    std::vector<JobToken> out;
    for (std::size_t i = 0; i < count; ++i) {
      JobToken token;
      token.seed.line = token.outcome.line = static_cast<std::int64_t>(i + 2);
      token.seed.serial = token.outcome.serial = "00" + std::to_string(i);
      token.seed.upn = token.outcome.upn = "helga@contoso.com";
      token.seed.step = 60;
      token.seed.base32 = Secret(kKey);
      token.outcome.state = OutcomeState::not_done;
      out.push_back(std::move(token));
    }
    return out;
  }
  static TokenOutcome outcome(std::size_t i, OutcomeState state) {
    TokenOutcome out = tokens(i + 1)[i].outcome;
    out.state = state;
    return out;
  }
  static std::string key_of(const JobToken& token) {
    return token.seed.base32.reveal([](std::string_view text) { return std::string(text); });
  }

  Lease created(const std::string& id, std::size_t rows = 2) {
    EXPECT_TRUE(store_->create(job(id), tokens(rows)));
    return claimed(id);
  }
  Lease claimed(const std::string& id) {
    auto lease = store_->claim(id);
    EXPECT_TRUE(lease) << lease.error().what;
    return lease.value_or(Lease());
  }
  static std::vector<std::string> ids(const JobPage& page) {
    std::vector<std::string> out;
    for (const auto& job : page.jobs) out.push_back(job.id);
    return out;
  }

  Journal journal_;
  std::unique_ptr<JobStore> store_;
};

TYPED_TEST_SUITE_P(JobStoreContract);

TYPED_TEST_P(JobStoreContract, WhatWasWrittenIsThereForOthers) {
  ASSERT_TRUE(this->store_->create(this->job("a"), this->tokens(3)));
  auto other = this->journal_.open();
  const auto found = other->find("a");
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->tokens, 3u);
  EXPECT_EQ(found->state, Job::State::open);
  EXPECT_EQ(found->created, this->journal_.clock.now());
  const auto loaded = other->load("a");
  ASSERT_TRUE(loaded) << loaded.error().what;
  ASSERT_EQ(loaded->tokens.size(), 3u);
  EXPECT_EQ(loaded->tokens[1].seed.serial, "001");
  EXPECT_EQ(loaded->tokens[1].seed.step, 60);
  EXPECT_EQ(this->key_of(loaded->tokens[2]), this->kKey);
  const auto looked_at = other->tokens("a");
  ASSERT_EQ(looked_at->size(), 3u);
  EXPECT_TRUE((*looked_at)[0].seed.base32.empty()) << "looking shows no secret key";
}

TYPED_TEST_P(JobStoreContract, WhatIsToBecomeOfATokenIsKept) {
  auto rows = this->tokens(2);
  rows[1].change = TokenChange::remove;
  rows[1].from = "helga@contoso.com";
  rows[1].replaced_by = "000";
  rows[1].seed = {};
  rows[0].outcome.clock = DeviceClock{std::chrono::seconds(-14'400), from_unix_seconds(1'767'225'600)};
  Job replacement = this->job("r");
  replacement.kind = "replace";
  replacement.state = Job::State::planned;
  ASSERT_TRUE(this->store_->create(replacement, rows));
  EXPECT_EQ(this->store_->find("r")->kind, "replace");
  EXPECT_EQ(this->store_->find("r")->state, Job::State::planned);
  const auto loaded = this->store_->load("r");
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->tokens[0].change, TokenChange::create);
  EXPECT_EQ(loaded->tokens[1].change, TokenChange::remove);
  EXPECT_EQ(loaded->tokens[1].from, "helga@contoso.com");
  EXPECT_EQ(loaded->tokens[1].replaced_by, "000");
  EXPECT_EQ(loaded->tokens[0].outcome.clock, rows[0].outcome.clock);
  ASSERT_TRUE(loaded->tokens[0].seed.details);
  EXPECT_EQ(loaded->tokens[0].seed.details->clock, rows[0].outcome.clock) << "what it is activated with";
  EXPECT_FALSE(loaded->tokens[1].outcome.clock);
  EXPECT_EQ(this->store_->tokens("r")->at(0).outcome.clock, rows[0].outcome.clock);
}

TYPED_TEST_P(JobStoreContract, AnOutcomeIsKeptWithItsCodeAndItsWords) {
  const Lease lease = this->created("a");
  TokenOutcome failed = this->outcome(1, OutcomeState::failed);
  failed.code = OutcomeCode::too_many_tokens;
  failed.reason = "a sentence";
  failed.remedy = "another";
  failed.settled = this->journal_.clock.now();
  ASSERT_TRUE(this->store_->settle(lease, 1, failed));
  ASSERT_TRUE(this->store_->flush(lease));
  for (const auto& rows : {*this->journal_.open()->tokens("a"), std::move(this->journal_.open()->load("a")->tokens)}) {
    EXPECT_EQ(rows[0].outcome.state, OutcomeState::not_done);
    EXPECT_EQ(rows[1].outcome.state, OutcomeState::failed);
    EXPECT_EQ(rows[1].outcome.code, OutcomeCode::too_many_tokens);
    EXPECT_EQ(rows[1].outcome.reason, "a sentence");
    EXPECT_EQ(rows[1].outcome.remedy, "another");
    EXPECT_EQ(rows[1].outcome.settled, failed.settled);
  }
}

TYPED_TEST_P(JobStoreContract, WhatWasSettledIsDurableWithTheNextCall) {
  const Lease lease = this->created("a", 3);
  const auto active = [&] { return this->journal_.open()->find("a")->good; };
  ASSERT_TRUE(this->store_->settle(lease, 0, this->outcome(0, OutcomeState::active)));
  ASSERT_TRUE(this->store_->uploading(lease, "one.csv"));
  EXPECT_EQ(active(), 1u);
  ASSERT_TRUE(this->store_->settle(lease, 1, this->outcome(1, OutcomeState::active)));
  ASSERT_TRUE(this->store_->flush(lease));
  EXPECT_EQ(active(), 2u);
  ASSERT_TRUE(this->store_->settle(lease, 2, this->outcome(2, OutcomeState::active)));
  ASSERT_TRUE(this->store_->finish(lease, Job::State::done));
  EXPECT_EQ(active(), 3u);
}

TYPED_TEST_P(JobStoreContract, AnActiveTokensKeyIsWiped) {
  const Lease lease = this->created("a");
  ASSERT_TRUE(this->store_->settle(lease, 1, this->outcome(1, OutcomeState::active)));
  ASSERT_TRUE(this->store_->flush(lease));
  const auto held = this->store_->load("a");
  ASSERT_TRUE(held) << held.error().what;
  EXPECT_FALSE(held->tokens[0].seed.base32.empty());
  EXPECT_TRUE(held->tokens[1].seed.base32.empty());
}

TYPED_TEST_P(JobStoreContract, AnActiveTokenThatIsFoundInactiveIsNoAlteredRow) {
  const Lease lease = this->created("a");
  ASSERT_TRUE(this->store_->settle(lease, 1, this->outcome(1, OutcomeState::active)));
  ASSERT_TRUE(this->store_->flush(lease));
  auto inactive = this->outcome(1, OutcomeState::failed);
  inactive.code = OutcomeCode::not_activated;
  ASSERT_TRUE(this->store_->settle(lease, 1, inactive));
  ASSERT_TRUE(this->store_->flush(lease));
  const auto held = this->store_->load("a");
  ASSERT_TRUE(held) << held.error().what;
  EXPECT_TRUE(held->tokens[1].seed.base32.empty());
}

TYPED_TEST_P(JobStoreContract, AJobAtItsEndHasNoKeys) {
  for (const auto end : {Job::State::done, Job::State::cancelled}) {
    const std::string id(name_of(end));
    const Lease lease = this->created(id);
    ASSERT_TRUE(this->store_->finish(lease, end));
    const auto held = this->store_->load(id);
    ASSERT_TRUE(held) << held.error().what;
    EXPECT_EQ(held->job.state, end);
    for (const auto& token : held->tokens) EXPECT_TRUE(token.seed.base32.empty());
  }
  const Lease lease = this->created("open");
  ASSERT_TRUE(this->store_->finish(lease, Job::State::open));
  EXPECT_FALSE(this->store_->load("open")->tokens[0].seed.base32.empty());
}

TYPED_TEST_P(JobStoreContract, UploadsArePendingUntilTheirFateIsKnown) {
  const Lease lease = this->created("a");
  ASSERT_TRUE(this->store_->uploading(lease, "one.csv"));
  ASSERT_TRUE(this->store_->uploading(lease, "two.csv"));
  ASSERT_TRUE(this->store_->uploaded(lease, "one.csv"));
  EXPECT_EQ(*this->journal_.open()->uploads("a"), std::vector<std::string>{"two.csv"});
}

TYPED_TEST_P(JobStoreContract, ForgetRemovesThisJobAlone) {
  const Lease lease = this->created("a");
  ASSERT_TRUE(this->store_->create(this->job("b"), this->tokens(2)));
  ASSERT_TRUE(this->store_->forget(lease));
  EXPECT_EQ(this->store_->find("a").error().code, Errc::not_found);
  EXPECT_EQ(this->store_->claim("a").error().code, Errc::not_found);
  EXPECT_EQ(this->store_->load("b")->tokens.size(), 2u);
}

// Leases.

TYPED_TEST_P(JobStoreContract, OneProcessAtATimeDoesAJob) {
  const Lease first = this->created("a");
  auto other = this->journal_.open();
  const auto refused = other->claim("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::conflict);
  EXPECT_EQ(this->store_->claim("a").error().code, Errc::conflict) << "nor the same process twice";
  EXPECT_TRUE(other->find("a")->running);
  ASSERT_TRUE(this->store_->release(first));
  EXPECT_FALSE(other->find("a")->running);
  const auto second = other->claim("a");
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_GT(second->fence, first.fence);
}

TYPED_TEST_P(JobStoreContract, TwoWhoClaimAtOnceDoNotBothGetIt) {
  ASSERT_TRUE(this->store_->create(this->job("a"), this->tokens(1)));
  std::unique_ptr<JobStore> stores[] = {this->journal_.open(), this->journal_.open(), this->journal_.open()};
  int got = 0;
  for (auto& store : stores) got += store->claim("a").has_value();
  EXPECT_EQ(got, 1);
}

TYPED_TEST_P(JobStoreContract, TheFenceGrowsWithEachClaim) {
  Lease last = this->created("a");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(i == 1 ? this->store_->finish(last, Job::State::open) : this->store_->release(last));
    const Lease lease = this->claimed("a");
    EXPECT_GT(lease.fence, last.fence);
    last = lease;
  }
}

TYPED_TEST_P(JobStoreContract, ADeadProcessLetsGoAtOnce) {
  const Lease first = this->created("a");
  ASSERT_TRUE(this->store_->uploading(first, "one.csv"));
  this->journal_.kill(std::move(this->store_));
  this->store_ = this->journal_.open();
  EXPECT_FALSE(this->store_->find("a")->running);
  EXPECT_EQ(state_text(*this->store_->find("a")), "interrupted");
  EXPECT_GT(this->claimed("a").fence, first.fence);
  EXPECT_EQ(*this->store_->uploads("a"), std::vector<std::string>{"one.csv"});
}

TYPED_TEST_P(JobStoreContract, ALeaseThatNobodyProlongsEnds) {
  const Lease first = this->created("a");
  auto other = this->journal_.open();
  this->journal_.clock.advance(kLeaseTime - std::chrono::seconds(5));
  EXPECT_EQ(other->claim("a").error().code, Errc::conflict);
  this->journal_.clock.advance(std::chrono::seconds(6));
  this->journal_.lose_sight();
  EXPECT_FALSE(other->find("a")->running);
  const auto second = other->claim("a");
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_GT(second->fence, first.fence);
  EXPECT_EQ(this->journal_.open()->claim("a").error().code, Errc::conflict) << "the second one's lease has just begun";
}

TYPED_TEST_P(JobStoreContract, AHeartbeatProlongsIt) {
  const Lease lease = this->created("a");
  auto other = this->journal_.open();
  for (int i = 0; i < 4; ++i) {
    this->journal_.clock.advance(kLeaseTime * 3 / 4);
    const auto stop = this->store_->heartbeat(lease);
    ASSERT_TRUE(stop) << stop.error().what;
    EXPECT_FALSE(*stop);
    EXPECT_EQ(other->claim("a").error().code, Errc::conflict);
  }
}

TYPED_TEST_P(JobStoreContract, ALeaseThatEndedAndNobodyTookStillHolds) {
  const Lease lease = this->created("a");
  this->journal_.clock.advance(kLeaseTime * 10);  // a laptop that slept
  ASSERT_TRUE(this->store_->settle(lease, 0, this->outcome(0, OutcomeState::active)));
  ASSERT_TRUE(this->store_->flush(lease));
  ASSERT_TRUE(this->store_->heartbeat(lease));
  EXPECT_EQ(this->journal_.open()->claim("a").error().code, Errc::conflict);
}

TYPED_TEST_P(JobStoreContract, AStaleLeaseChangesNothing) {
  const Lease stale = this->created("a");
  ASSERT_TRUE(this->store_->uploading(stale, "one.csv"));
  this->journal_.clock.advance(kLeaseTime * 2);
  this->journal_.lose_sight();
  auto other = this->journal_.open();
  const auto newest = other->claim("a");
  ASSERT_TRUE(newest);
  const auto expect_lost = [](const auto& done, const char* what) {
    ASSERT_FALSE(done) << what;
    EXPECT_EQ(done.error().code, Errc::conflict) << what;
    EXPECT_TRUE(is_lease_lost(done.error())) << what << ": " << done.error().what;
  };
  auto& store = *this->store_;
  ASSERT_TRUE(store.settle(stale, 0, this->outcome(0, OutcomeState::active)));
  expect_lost(store.flush(stale), "flush");
  ASSERT_TRUE(store.settle(stale, 0, this->outcome(0, OutcomeState::active)));
  expect_lost(store.uploading(stale, "two.csv"), "uploading");
  expect_lost(store.uploaded(stale, "one.csv"), "uploaded");
  expect_lost(store.heartbeat(stale), "heartbeat");
  expect_lost(store.begin(stale), "begin");
  expect_lost(store.finish(stale, Job::State::cancelled), "finish");
  expect_lost(store.forget(stale), "forget");
  expect_lost(store.release(stale), "release");
  bool refused = false;
  for (int i = 0; i < 2000 && !refused; ++i) {
    const auto done = store.settle(stale, 1, this->outcome(1, OutcomeState::failed));
    refused = !done && is_lease_lost(done.error());
  }
  EXPECT_TRUE(refused) << "thousands of rows were settled before anybody looked";
  this->store_.reset();  // which may write what was settled
  const auto held = other->load("a");
  ASSERT_TRUE(held) << held.error().what;
  EXPECT_EQ(held->job.state, Job::State::open);
  for (const auto& token : held->tokens) {
    EXPECT_EQ(token.outcome.state, OutcomeState::not_done);
    EXPECT_FALSE(token.seed.base32.empty());
  }
  EXPECT_EQ(*other->uploads("a"), std::vector<std::string>{"one.csv"});
  EXPECT_TRUE(other->heartbeat(*newest)) << "and the new holder is not bothered";
}

TYPED_TEST_P(JobStoreContract, ARefusalThatIsNoLostLeaseIsNotTakenForOne) {
  this->created("a");
  const auto refused = this->journal_.open()->claim("a");
  ASSERT_FALSE(refused);
  EXPECT_FALSE(is_lease_lost(refused.error()));
}

TYPED_TEST_P(JobStoreContract, APlanIsBegunOnce) {
  Job plan = this->job("p");
  plan.state = Job::State::planned;
  ASSERT_TRUE(this->store_->create(plan, this->tokens(1)));
  const Lease lease = this->claimed("p");
  ASSERT_TRUE(this->store_->begin(lease));
  EXPECT_EQ(this->store_->find("p")->state, Job::State::open);
  const auto again = this->store_->begin(lease);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::conflict);
  EXPECT_FALSE(is_lease_lost(again.error()));
}

TYPED_TEST_P(JobStoreContract, ARunningJobLearnsThatItIsToStop) {
  EXPECT_EQ(this->store_->ask_to_stop("a").error().code, Errc::not_found);
  const Lease lease = this->created("a");
  auto other = this->journal_.open();
  EXPECT_FALSE(*this->store_->heartbeat(lease));
  EXPECT_TRUE(*other->ask_to_stop("a"));
  EXPECT_TRUE(*this->store_->heartbeat(lease));
  EXPECT_TRUE(*this->store_->heartbeat(lease)) << "until it has stopped";
  ASSERT_TRUE(this->store_->finish(lease, Job::State::open));
  EXPECT_FALSE(*other->ask_to_stop("a")) << "nobody does it";
  const Lease next = this->claimed("a");
  EXPECT_FALSE(*this->store_->heartbeat(next)) << "the next run was not asked";
}

// Finding.

TYPED_TEST_P(JobStoreContract, AnIdMayBeCutShortWhereOnlyOneJobBeginsLikeThat) {
  for (const char* id :
       {"6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "6f9619ff-0000-4d01-b42d-00cf4fc964ff", "20261130-abcd", "2026"})
    ASSERT_TRUE(this->store_->create(this->job(id), this->tokens(1)));
  EXPECT_EQ(this->store_->find("6f9619ff-8")->id, "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
  EXPECT_EQ(this->store_->find("6F9619FF-0")->id, "6f9619ff-0000-4d01-b42d-00cf4fc964ff");
  EXPECT_EQ(this->store_->find("20261")->id, "20261130-abcd") << "of an older version";
  EXPECT_EQ(this->store_->find("2026")->id, "2026") << "a whole id is that job's";
  const auto several = this->store_->find("6f9619ff-");
  ASSERT_FALSE(several);
  EXPECT_EQ(several.error().code, Errc::invalid_input);
  for (const char* id : {"6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "6f9619ff-0000-4d01-b42d-00cf4fc964ff"})
    EXPECT_NE(several.error().what.find(id), std::string::npos) << several.error().what;
  for (const char* none : {"", "6f9", "6f9619ff-9", "%", "6f96____", "x"})
    EXPECT_EQ(this->store_->find(none).error().code, Errc::not_found) << none;
}

TYPED_TEST_P(JobStoreContract, JobsAreListedNewestFirst) {
  for (const char* id : {"one", "two"}) ASSERT_TRUE(this->store_->create(this->job(id), this->tokens(1)));  // in one second
  this->journal_.clock.advance(std::chrono::seconds(1));
  ASSERT_TRUE(this->store_->create(this->job("three"), this->tokens(1)));
  const auto page = this->store_->list({}, 10);
  ASSERT_TRUE(page) << page.error().what;
  EXPECT_EQ(this->ids(*page), (std::vector<std::string>{"three", "two", "one"}));
  EXPECT_TRUE(page->next.empty());
}

TYPED_TEST_P(JobStoreContract, ByTenantAndState) {
  ASSERT_TRUE(this->store_->create(this->job("a"), this->tokens(1)));
  ASSERT_TRUE(this->store_->create(this->job("b", "fabrikam.com"), this->tokens(1)));
  const Lease lease = this->created("c");
  ASSERT_TRUE(this->store_->finish(lease, Job::State::done));
  const auto listed = [&](JobFilter filter) { return this->ids(*this->store_->list(filter, 10)); };
  EXPECT_EQ(listed({"contoso.com", {}}), (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(listed({"", Job::State::open}), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(listed({"contoso.com", Job::State::done}), (std::vector<std::string>{"c"}));
  EXPECT_TRUE(listed({"fabrikam.com", Job::State::done}).empty());
}

TYPED_TEST_P(JobStoreContract, PagesDoNotShift) {
  std::vector<std::string> expected;
  for (int i = 0; i < 23; ++i) {
    expected.insert(expected.begin(), "job" + std::to_string(i));
    ASSERT_TRUE(this->store_->create(this->job(expected.front()), this->tokens(1)));
    if (i % 3 == 0) this->journal_.clock.advance(std::chrono::seconds(1));
  }
  std::vector<std::string> seen;
  std::string after;
  int pages = 0;
  do {
    const auto page = this->store_->list({"contoso.com", {}}, 5, after);
    ASSERT_TRUE(page) << page.error().what;
    EXPECT_LE(page->jobs.size(), 5u);
    const auto some = this->ids(*page);
    seen.insert(seen.end(), some.begin(), some.end());
    // Between two pages one comes, and the last that was seen goes.
    ASSERT_TRUE(this->store_->create(this->job("new" + std::to_string(pages++)), this->tokens(1)));
    const Lease lease = this->claimed(some.back());
    ASSERT_TRUE(this->store_->forget(lease));
    after = page->next;
  } while (!after.empty());
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(pages, 5);
  EXPECT_EQ(this->store_->list({}, 5, "rubbish").error().code, Errc::invalid_input);
}

TYPED_TEST_P(JobStoreContract, EveryJobIsOnSomePage) {
  for (int i = 0; i < 450; ++i)
    ASSERT_TRUE(this->store_->create(this->job("job" + std::to_string(i)), std::vector<JobToken>()));
  EXPECT_EQ(every_job(*this->store_)->size(), 450u);
}

TYPED_TEST_P(JobStoreContract, AnOpenJobWasInterruptedOrHasFailures) {
  auto rows = this->tokens(3);
  rows[0].outcome.state = OutcomeState::active;
  ASSERT_TRUE(this->store_->create(this->job("a"), rows));
  EXPECT_EQ(state_text(*this->store_->find("a")), "interrupted");
  const Lease lease = this->claimed("a");
  EXPECT_EQ(state_text(*this->store_->find("a")), "running");
  ASSERT_TRUE(this->store_->finish(lease, Job::State::done));
  EXPECT_EQ(state_text(*this->store_->find("a")), "done");
  rows[1].outcome.state = OutcomeState::failed;
  rows[2].outcome.reason = "kept: the new token is not active";
  rows[2].replaced_by = "001";
  ASSERT_TRUE(this->store_->create(this->job("b"), rows));
  EXPECT_EQ(state_text(*this->store_->find("b")), "finished with failures");
  rows[1].outcome.state = rows[2].outcome.state = OutcomeState::active;
  ASSERT_TRUE(this->store_->create(this->job("c"), rows));
  EXPECT_EQ(state_text(*this->store_->find("c")), "interrupted") << "it was cut off before it could say that it is done";
}

// What jobs know of a tenant's tokens.

TYPED_TEST_P(JobStoreContract, WhatJobsTookAwayIsKnownUntilItIsPutBack) {
  auto& store = *this->store_;
  const auto did = [&](const std::string& id, TokenChange change, std::string serial, OutcomeState state,
                       std::string replaced_by = "") {
    std::vector<JobToken> rows(1);
    rows[0].change = change;
    rows[0].outcome.serial = std::move(serial);
    rows[0].outcome.upn = "helga@contoso.com";
    rows[0].outcome.state = OutcomeState::not_done;
    rows[0].replaced_by = std::move(replaced_by);
    ASSERT_TRUE(store.create(this->job(id), rows));
    const Lease lease = this->claimed(id);
    rows[0].outcome.state = state;
    rows[0].outcome.settled = this->journal_.clock.now();
    ASSERT_TRUE(store.settle(lease, 0, rows[0].outcome));
    ASSERT_TRUE(store.finish(lease, Job::State::done));
  };
  const auto on = iso_time(this->journal_.clock.now()).substr(0, 10);
  did("a", TokenChange::create, "AB1", OutcomeState::active);
  did("b", TokenChange::remove, "AB1", OutcomeState::removed);
  did("c", TokenChange::unassign, "N1", OutcomeState::unassigned);
  did("d", TokenChange::remove, "N2", OutcomeState::removed, "N3");
  did("e", TokenChange::remove, "N4", OutcomeState::failed);
  did("f", TokenChange::remove, "N5", OutcomeState::removed);
  did("g", TokenChange::create, "N5", OutcomeState::rejected);  // somebody tried
  auto taken = store.taken_away("contoso.com");
  ASSERT_TRUE(taken) << taken.error().what;
  ASSERT_EQ(taken->size(), 4u);
  EXPECT_EQ(text_of(taken->at("ab1")), "was removed from helga@contoso.com on " + on + " (job b)");
  EXPECT_EQ(text_of(taken->at("n1")), "was taken from helga@contoso.com on " + on + " (job c)");
  EXPECT_EQ(text_of(taken->at("n2")), "was replaced by N3 on " + on + " (job d)");
  EXPECT_EQ(taken->at("n5").job, "f");
  did("h", TokenChange::create, "ab1", OutcomeState::active);
  did("i", TokenChange::assign, "N1", OutcomeState::assigned);
  ASSERT_TRUE(store.forget(this->claimed("d")));
  taken = store.taken_away("contoso.com");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->size(), 1u);
  EXPECT_TRUE(taken->contains("n5"));
  EXPECT_TRUE(store.taken_away("other.com")->empty());
}

TYPED_TEST_P(JobStoreContract, WhatJobsDidToATokenIsToldOldestFirst) {
  auto& store = *this->store_;
  const Lease import = this->created("a");
  ASSERT_TRUE(store.settle(import, 1, this->outcome(1, OutcomeState::active)));
  ASSERT_TRUE(store.finish(import, Job::State::done));
  this->journal_.clock.advance(std::chrono::hours(1));
  std::vector<JobToken> rows = this->tokens(2);
  rows[1].change = TokenChange::remove;
  rows[1].from = "helga@contoso.com";
  auto removal = this->job("b");
  removal.kind = "remove";
  ASSERT_TRUE(store.create(removal, rows));
  auto plan = this->job("c");
  plan.state = Job::State::planned;
  ASSERT_TRUE(store.create(plan, rows));
  ASSERT_TRUE(store.create(this->job("d", "other.com"), rows));
  const auto events = store.token_events("contoso.com", "001");
  ASSERT_TRUE(events) << events.error().what;
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(events->at(0).job, "a");
  EXPECT_EQ(events->at(0).kind, "import");
  EXPECT_EQ(events->at(0).outcome.state, OutcomeState::active);
  EXPECT_EQ(events->at(1).kind, "remove");
  EXPECT_EQ(events->at(1).change, TokenChange::remove);
  EXPECT_EQ(events->at(1).from, "helga@contoso.com");
  EXPECT_EQ(events->at(1).begun - events->at(0).begun, std::chrono::hours(1));
  EXPECT_TRUE(store.token_events("contoso.com", "7")->empty());
}

TYPED_TEST_P(JobStoreContract, SinceWhenATokenWaits) {
  auto& store = *this->store_;
  auto& clock = this->journal_.clock;
  const auto begun = clock.now();
  const auto first = store.waiting_since("contoso.com", {"x", "y"});
  ASSERT_TRUE(first) << first.error().what;
  clock.advance(std::chrono::days(3));
  ASSERT_TRUE(store.waiting_since("contoso.com", {"y", "z"}));
  clock.advance(std::chrono::days(3));
  const auto later = store.waiting_since("contoso.com", {"x", "y"});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->at("y"), begun);
  EXPECT_EQ(later->at("x"), clock.now()) << "it did not wait in between";
  EXPECT_FALSE(store.waiting_since("other.com", {"y"})->at("y") == begun) << "another tenant's token";
}

TYPED_TEST_P(JobStoreContract, AJobThatLeftATokenWaitingKnowsSinceWhen) {
  const Lease lease = this->created("a", 3);
  const auto begun = this->journal_.clock.now();
  const std::pair<OutcomeState, OutcomeCode> left[] = {{OutcomeState::uploaded, OutcomeCode::none},
                                                       {OutcomeState::failed, OutcomeCode::not_activated},
                                                       {OutcomeState::failed, OutcomeCode::upload_refused}};
  for (std::size_t i = 0; i < std::size(left); ++i) {
    TokenOutcome outcome = this->outcome(i, left[i].first);
    outcome.code = left[i].second;
    outcome.reason = "whatever the sentence is";
    outcome.settled = begun;
    ASSERT_TRUE(this->store_->settle(lease, i, outcome));
  }
  ASSERT_TRUE(this->store_->finish(lease, Job::State::open));
  this->journal_.clock.advance(std::chrono::days(2));
  const auto since = this->store_->waiting_since("contoso.com", {"000", "001", "002"});
  ASSERT_TRUE(since) << since.error().what;
  EXPECT_EQ(since->at("000"), begun);
  EXPECT_EQ(since->at("001"), begun) << "it is in the tenant, whatever the sentence";
  EXPECT_EQ(since->at("002"), this->journal_.clock.now()) << "it was not in the tenant";
}

REGISTER_TYPED_TEST_SUITE_P(JobStoreContract, WhatJobsDidToATokenIsToldOldestFirst,
                            AnActiveTokenThatIsFoundInactiveIsNoAlteredRow, WhatWasWrittenIsThereForOthers,
                            WhatIsToBecomeOfATokenIsKept, AnOutcomeIsKeptWithItsCodeAndItsWords,
                            WhatWasSettledIsDurableWithTheNextCall, AnActiveTokensKeyIsWiped, AJobAtItsEndHasNoKeys,
                            UploadsArePendingUntilTheirFateIsKnown, ForgetRemovesThisJobAlone, OneProcessAtATimeDoesAJob,
                            TwoWhoClaimAtOnceDoNotBothGetIt, TheFenceGrowsWithEachClaim, ADeadProcessLetsGoAtOnce,
                            ALeaseThatNobodyProlongsEnds, AHeartbeatProlongsIt, ALeaseThatEndedAndNobodyTookStillHolds,
                            AStaleLeaseChangesNothing, ARefusalThatIsNoLostLeaseIsNotTakenForOne, APlanIsBegunOnce,
                            ARunningJobLearnsThatItIsToStop, AnIdMayBeCutShortWhereOnlyOneJobBeginsLikeThat,
                            JobsAreListedNewestFirst, ByTenantAndState, PagesDoNotShift, EveryJobIsOnSomePage,
                            AnOpenJobWasInterruptedOrHasFailures, WhatJobsTookAwayIsKnownUntilItIsPutBack, SinceWhenATokenWaits,
                            AJobThatLeftATokenWaitingKnowsSinceWhen);

}  // namespace portalkey
