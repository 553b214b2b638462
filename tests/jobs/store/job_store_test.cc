#include "jobs/store/job_store.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "jobs/store/sqlite/sqlite.h"

namespace portalkey {
namespace {

constexpr std::string_view kKey = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

class JobStoreTest : public testing::Test {
 protected:
  JobStoreTest() { folder_ = std::filesystem::temp_directory_path() / ("portalkey-jobs-" + Random().guid()); }
  ~JobStoreTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<JobStore> open() {
    auto store = open_job_store(folder_, std::nullopt, clock_);
    EXPECT_TRUE(store) << store.error().what;
    return std::move(*store);
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
      token.outcome.state = TokenOutcome::State::not_done;
      out.push_back(std::move(token));
    }
    return out;
  }
  static Job job(std::string id) {
    Job job;
    job.id = std::move(id);
    job.tenant = "contoso.com";
    job.backend = "portal";
    job.file = "seeds.csv";
    return job;
  }
  static std::string key_of(const JobToken& token) {
    return token.seed.base32.reveal([](std::string_view text) { return std::string(text); });
  }

  std::filesystem::path folder_;
  ManualClock clock_{from_unix_seconds(1'767'225'600)};
};

TEST_F(JobStoreTest, WhatWasWrittenIsThereAfterARestart) {
  ASSERT_TRUE(open()->create(job("a"), tokens(3)));
  auto store = open();
  const auto found = store->find("a");
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->tokens, 3u);
  EXPECT_EQ(found->state, Job::State::open);
  const auto loaded = store->load("a");
  ASSERT_TRUE(loaded) << loaded.error().what;
  const auto& held = loaded->tokens;
  ASSERT_EQ(held.size(), 3u);
  EXPECT_EQ(held[1].seed.serial, "001");
  EXPECT_EQ(held[1].seed.step, 60);
  EXPECT_EQ(key_of(held[2]), kKey);
  EXPECT_EQ(store->tokens("a")->size(), 3u);
  EXPECT_TRUE((*store->tokens("a"))[0].seed.base32.empty());
}

TEST_F(JobStoreTest, WhatIsToBecomeOfATokenIsKept) {
  auto rows = tokens(2);
  rows[1].change = TokenChange::remove;
  rows[1].from = "helga@contoso.com";
  rows[1].replaced_by = "000";
  rows[1].seed = {};
  Job replacement = job("r");
  replacement.kind = "replace";
  replacement.state = Job::State::planned;
  ASSERT_TRUE(open()->create(replacement, rows));
  auto store = open();
  EXPECT_EQ(store->find("r")->kind, "replace");
  EXPECT_EQ(store->find("r")->state, Job::State::planned);
  const auto loaded = store->load("r");
  ASSERT_TRUE(loaded) << loaded.error().what;
  const auto& held = loaded->tokens;
  EXPECT_EQ(held[0].change, TokenChange::create);
  EXPECT_EQ(held[1].change, TokenChange::remove);
  EXPECT_EQ(held[1].from, "helga@contoso.com");
  EXPECT_EQ(held[1].replaced_by, "000");
}

TEST_F(JobStoreTest, WhatJobsTookAwayIsKnownUntilItIsPutBack) {
  using State = TokenOutcome::State;
  auto store = open();
  const auto did = [&](const std::string& id, TokenChange change, std::string serial, State state,
                       std::string replaced_by = "") {
    std::vector<JobToken> rows(1);
    rows[0].change = change;
    rows[0].outcome.serial = std::move(serial);
    rows[0].outcome.upn = "helga@contoso.com";
    rows[0].outcome.state = State::not_done;
    rows[0].replaced_by = std::move(replaced_by);
    ASSERT_TRUE(store->create(job(id), rows));
    rows[0].outcome.state = state;
    rows[0].outcome.settled = clock_.now();
    ASSERT_TRUE(store->settle(id, 0, rows[0].outcome));
    ASSERT_TRUE(store->finish(id, Job::State::done));
  };
  did("a", TokenChange::create, "AB1", State::active);
  did("b", TokenChange::remove, "AB1", State::removed);
  did("c", TokenChange::unassign, "N1", State::unassigned);
  did("d", TokenChange::remove, "N2", State::removed, "N3");
  did("e", TokenChange::remove, "N4", State::failed);
  did("f", TokenChange::remove, "N5", State::removed);
  did("g", TokenChange::create, "N5", State::rejected);  // somebody tried
  auto taken = store->taken_away("contoso.com");
  ASSERT_TRUE(taken) << taken.error().what;
  ASSERT_EQ(taken->size(), 4u);
  EXPECT_EQ(text_of(taken->at("ab1")), "was removed from helga@contoso.com on 2026-01-01 (job b)");
  EXPECT_EQ(text_of(taken->at("n1")), "was taken from helga@contoso.com on 2026-01-01 (job c)");
  EXPECT_EQ(text_of(taken->at("n2")), "was replaced by N3 on 2026-01-01 (job d)");
  EXPECT_EQ(taken->at("n5").job, "f");
  did("h", TokenChange::create, "ab1", State::active);
  did("i", TokenChange::assign, "N1", State::assigned);
  ASSERT_TRUE(store->forget("d"));
  taken = store->taken_away("contoso.com");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->size(), 1u);
  EXPECT_TRUE(taken->contains("n5"));
  EXPECT_TRUE(store->taken_away("other.com")->empty());
}

TEST_F(JobStoreTest, AnOpenJobWasInterruptedOrHasFailures) {
  auto store = open();
  auto rows = tokens(3);
  rows[0].outcome.state = TokenOutcome::State::active;
  ASSERT_TRUE(store->create(job("a"), rows));
  EXPECT_EQ(state_text(*store->find("a"), false), "interrupted");
  EXPECT_EQ(state_text(*store->find("a"), true), "running");
  rows[1].outcome.state = TokenOutcome::State::failed;
  rows[2].outcome.reason = "kept: the new token is not active";
  rows[2].replaced_by = "001";
  ASSERT_TRUE(store->create(job("b"), rows));
  EXPECT_EQ(state_text(*store->find("b"), false), "finished with failures");
  rows[1].outcome.state = rows[2].outcome.state = TokenOutcome::State::active;
  ASSERT_TRUE(store->create(job("c"), rows));
  EXPECT_EQ(state_text(*store->find("c"), false), "interrupted") << "it was cut off before it could say that it is done";
  ASSERT_TRUE(store->finish("c", Job::State::done));
  EXPECT_EQ(state_text(*store->find("c"), false), "done");
}

TEST_F(JobStoreTest, LookingNeedsNoPassphraseAndDoingDoes) {
  const auto passphrase = [](std::optional<std::string> text) {
    return [text]() -> Result<Secret> {
      if (!text) return fail(Errc::needs_person, "asked");
      return Secret(*text);
    };
  };
  auto rows = tokens(1);
  rows[0].seed = {};  // what has no secret key is bound as well
  auto asks = open_job_store(folder_, passphrase(std::nullopt), clock_);
  ASSERT_TRUE(asks);
  EXPECT_EQ((*asks)->create(job("a"), rows).error().code, Errc::needs_person);
  ASSERT_TRUE((*open_job_store(folder_, passphrase("right"), clock_))->create(job("a"), rows));
  EXPECT_EQ((*asks)->list()->size(), 1u);
  EXPECT_TRUE((*asks)->find("a"));
  EXPECT_TRUE((*asks)->tokens("a"));
  EXPECT_EQ((*asks)->load("a").error().code, Errc::needs_person);
  EXPECT_TRUE((*asks)->finish("a", Job::State::cancelled)) << "without the passphrase a job can be given up all the same";
}

TEST_F(JobStoreTest, SinceWhenATokenWaits) {
  auto store = open();
  const auto begun = clock_.now();
  const auto first = store->waiting_since("contoso.com", {"x", "y"});
  ASSERT_TRUE(first) << first.error().what;
  clock_.advance(std::chrono::days(3));
  ASSERT_TRUE(store->waiting_since("contoso.com", {"y", "z"}));
  clock_.advance(std::chrono::days(3));
  const auto later = store->waiting_since("contoso.com", {"x", "y"});
  ASSERT_TRUE(later);
  EXPECT_EQ(later->at("y"), begun);
  EXPECT_EQ(later->at("x"), clock_.now()) << "it did not wait in between";
  EXPECT_FALSE(store->waiting_since("other.com", {"y"})->at("y") == begun) << "another tenant's token";
}

TEST_F(JobStoreTest, AnActiveTokensKeyIsWiped) {
  auto store = open();
  ASSERT_TRUE(store->create(job("a"), tokens(2)));
  TokenOutcome outcome = tokens(1)[0].outcome;
  outcome.state = TokenOutcome::State::active;
  ASSERT_TRUE(store->settle("a", 1, outcome));
  ASSERT_TRUE(store->flush());
  const auto held = store->load("a");
  ASSERT_TRUE(held) << held.error().what;
  EXPECT_FALSE(held->tokens[0].seed.base32.empty());
  EXPECT_TRUE(held->tokens[1].seed.base32.empty());
  EXPECT_EQ(held->tokens[1].outcome.state, TokenOutcome::State::active);
  EXPECT_EQ(store->find("a")->good, 1u);
}

TEST_F(JobStoreTest, UploadsArePendingUntilTheirFateIsKnown) {
  auto store = open();
  ASSERT_TRUE(store->create(job("a"), tokens(1)));
  ASSERT_TRUE(store->uploading("a", "one.csv"));
  ASSERT_TRUE(store->uploading("a", "two.csv"));
  ASSERT_TRUE(store->uploaded("a", "one.csv"));
  EXPECT_EQ(*open()->uploads("a"), std::vector<std::string>{"two.csv"});
}

TEST_F(JobStoreTest, ForgetRemovesThisJobAlone) {
  auto store = open();
  ASSERT_TRUE(store->create(job("a"), tokens(1)));
  ASSERT_TRUE(store->create(job("b"), tokens(2)));
  ASSERT_TRUE(store->forget("a"));
  EXPECT_EQ(store->find("a").error().code, Errc::not_found);
  EXPECT_EQ(store->load("b")->tokens.size(), 2u);
}

TEST_F(JobStoreTest, CancelWipesEveryKey) {
  auto store = open();
  ASSERT_TRUE(store->create(job("a"), tokens(2)));
  ASSERT_TRUE(store->finish("a", Job::State::cancelled));
  const auto held = store->load("a");
  ASSERT_TRUE(held) << held.error().what;
  for (const auto& token : held->tokens) EXPECT_TRUE(token.seed.base32.empty());
}

TEST_F(JobStoreTest, ALostKeyFileIsSaid) {
  ASSERT_TRUE(open()->create(job("a"), tokens(1)));
  std::filesystem::remove(folder_ / "jobs.key");
  EXPECT_EQ(open()->load("a").error().code, Errc::corrupt);
}

TEST_F(JobStoreTest, APassphraseSealsTheKey) {
  const auto with = [&](std::string_view text) {
    return open_job_store(folder_, [text = std::string(text)]() -> Result<Secret> { return Secret(text); }, clock_);
  };
  ASSERT_TRUE((*with("right"))->create(job("a"), tokens(1)));
  EXPECT_EQ(key_of((*with("right"))->load("a")->tokens[0]), kKey);
  EXPECT_EQ((*with("wrong"))->load("a").error().code, Errc::unauthenticated);
  EXPECT_EQ((*with("wrong"))->list()->size(), 1u) << "looking needs no passphrase";
}

TEST_F(JobStoreTest, DamagedFilesAreSaidWhereverTheDamageIs) {
  ASSERT_TRUE(open()->create(job("a"), tokens(40)));
  std::string whole;
  {
    std::ifstream in(folder_ / "jobs.db", std::ios::binary);
    whole.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t keep = 0; keep < whole.size(); keep += 997) {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().filename() != "jobs.key") std::filesystem::remove(entry.path());
    }
    {
      std::ofstream out(folder_ / "jobs.db", std::ios::binary);
      out << whole.substr(0, keep);
    }
    auto store = open_job_store(folder_, std::nullopt, clock_);
    if (!store) continue;  // said; the rest looks deeper
    const auto held = (*store)->load("a");
    EXPECT_TRUE(!held || held->tokens.size() == 40) << "cut at " << keep;
  }
}

}  // namespace
}  // namespace portalkey
