// A reading that has much to write: others write in between, lists do not see it until it has ended.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "service/mirror/sqlite_mirror.h"
#include "service/mirror/turns.h"
#include "tests/service/mirror/mirror_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::batches_test {

using mirror_contract::token_of;
using mirror_contract::walked;

constexpr int kMany = 1500;

/// Stands still. While a reading writes, the mirror asks it before and after each batch.
class AskedClock final : public Clock {
 public:
  std::function<void()> asked;
  WallTime wall = from_unix_seconds(1'790'000'000);
  WallTime now() const override { return wall; }
  SteadyTime steady_now() const override {
    if (asked) asked();
    return {};
  }

 private:
  bool block_for(std::chrono::milliseconds, std::stop_token) override { return true; }
};

class MirrorBatches : public testing::Test {
 protected:
  MirrorBatches() { reopen(); }
  void reopen() {
    mirror_.reset();
    mirror_ = std::move(*open_mirror(folder_.path() / "state", clock_));
  }
  /// Tokens S0, S1 ... that all have the id `prefix`, and T1, T2, T3.
  static ListedDirectory many(const std::string& prefix) {
    ListedDirectory directory;
    for (int i = 0; i < kMany; ++i) directory.tokens.push_back(token_of("S" + std::to_string(i), prefix, "a@x"));
    for (const char* serial : {"T1", "T2", "T3"}) directory.tokens.push_back(token_of(serial, serial, "a@x"));
    return directory;
  }
  Result<void> refresh(ListedDirectory directory, const std::function<void()>& between = {}, std::stop_token stop = {}) {
    told_.clear();
    const Deadline deadline{SteadyTime::max(), stop};
    batches_ = 0;
    clock_.asked = [this, between] {
      ++batches_;
      if (between) between();
    };
    auto done = mirror_->refresh("one", directory, deadline, [&](const OutsideChange& change) { told_.push_back(change); });
    clock_.asked = {};
    return done;
  }
  std::string first_id() {
    MirrorQuery query;
    query.search = "S";
    const auto page = mirror_->page("one", query);
    return page && !page->tokens.empty() ? page->tokens[0].oath_id : "none";
  }
  std::optional<TenantToken> token(const std::string& serial) {
    MirrorQuery query;
    query.serial = serial;
    const auto page = mirror_->page("one", query);
    return page && page->tokens.size() == 1 ? std::optional(page->tokens[0]) : std::nullopt;
  }

  TemporaryFolder folder_;
  AskedClock clock_;
  std::unique_ptr<Mirror> mirror_;
  std::vector<OutsideChange> told_;
  int batches_ = 0;
};

TEST_F(MirrorBatches, aFirstReadingShowsNothingUntilItsEndAndTellsNothing) {
  bool seen = false;
  ASSERT_TRUE(refresh(many("e"), [&] { seen = seen || mirror_->page("one", {}).has_value() || *mirror_->as_of("one"); }));
  EXPECT_GT(batches_, 10);
  EXPECT_EQ(mirror_->counts("one", {})->all, kMany + 3);
  EXPECT_TRUE(told_.empty());
}

TEST_F(MirrorBatches, listsHaveTheStateBeforeUntilTheNewOneIsWhole) {
  ASSERT_TRUE(refresh(many("e")));
  const auto before = clock_.wall;
  clock_.wall += std::chrono::minutes(1);
  bool over = false;
  int old = 0;
  ASSERT_TRUE(refresh(many("o"), [&] {
    const auto page = mirror_->page("one", {});
    ASSERT_TRUE(page);
    const auto id = first_id();
    over = over || id == "o";
    EXPECT_EQ(id, over ? "o" : "e");
    EXPECT_EQ(page->as_of, over ? clock_.wall : before);
    EXPECT_EQ(mirror_->counts("one", {})->all, kMany + 3);
    old += !over;
  }));
  EXPECT_GT(old, 10);
  EXPECT_TRUE(over);
  EXPECT_EQ(told_.size(), 2U * kMany);
}

TEST_F(MirrorBatches, theServicesOwnWinsInWhateverBatch) {
  for (int at = 1; at <= 40; at += 4) {
    SCOPED_TRACE(at);
    ASSERT_TRUE(refresh(many("e")));
    int batch = 0;
    ASSERT_TRUE(refresh(many("o"), [&] {
      if (++batch != at) return;
      ASSERT_TRUE(mirror_->put("one", token_of("T1", "T1", "b@x", true)));
      ASSERT_TRUE(mirror_->gone("one", "t2"));
      ASSERT_TRUE(mirror_->put("one", token_of("T4", "", "b@x", true)));
      ASSERT_TRUE(mirror_->put("one", token_of("S5", first_id(), "own@x")));
    }));
    EXPECT_EQ(first_id(), "o");
    if (batch < at) break;
    ASSERT_TRUE(token("T1"));
    EXPECT_EQ(token("T1")->upn, "b@x");
    EXPECT_FALSE(token("T2"));
    ASSERT_TRUE(token("T3"));
    EXPECT_TRUE(token("T4"));
    MirrorQuery own;
    own.upn = "own@x";
    EXPECT_EQ(mirror_->counts("one", own)->all, 1);
    for (const auto& change : told_) EXPECT_TRUE(change.token.serial.starts_with("S")) << change.token.serial;
    // T2 is there again, T4 is not: the next reading finds that.
    ASSERT_TRUE(refresh(many("o")));
    EXPECT_TRUE(token("T2"));
    EXPECT_FALSE(token("T4"));
  }
}

TEST_F(MirrorBatches, whatIsStoppedInWhateverBatchLeavesWhatWasThere) {
  ASSERT_TRUE(refresh(many("e")));
  std::string now = "e";
  for (int at = 1; at <= 40; at += 4) {
    SCOPED_TRACE(at);
    std::stop_source stop;
    const std::string next = now == "e" ? "o" : "e";
    int batch = 0;
    const auto done = refresh(
        many(next),
        [&] {
          if (++batch == at) stop.request_stop();
        },
        stop.get_token());
    if (done)
      now = next;
    else
      EXPECT_EQ(done.error().code, Errc::cancelled);
    if (at % 8 == 1) reopen();
    EXPECT_EQ(walked(*mirror_, {}).size(), kMany + 3U);
    EXPECT_EQ(first_id(), now);
    EXPECT_EQ(mirror_->counts("one", {})->all, kMany + 3);
  }
  // What stopped readings left is erased by one that is not, and nothing of it is told.
  const std::string next = now == "e" ? "o" : "e";
  ASSERT_TRUE(refresh(many(next)));
  EXPECT_EQ(told_.size(), 2U * kMany);
  ASSERT_TRUE(refresh(many(next)));
  EXPECT_TRUE(told_.empty());
}

TEST_F(MirrorBatches, aPartOfASerialNumberIsFoundOnceAfterManyGenerations) {
  for (const char* prefix : {"a", "b", "c"}) ASSERT_TRUE(refresh(many(prefix)));
  MirrorQuery query;
  query.serial = "S29";
  EXPECT_EQ(mirror_->counts("one", query)->all, 11);
  EXPECT_EQ(walked(*mirror_, query).size(), 11U);
}

TEST_F(MirrorBatches, tokensWithoutIdsTakeTheirsInBatches) {
  auto directory = many("e");
  ASSERT_TRUE(refresh(directory));
  for (int i = 0; i < 1200; ++i) {
    ASSERT_TRUE(mirror_->put("one", token_of("N" + std::to_string(i), "", "b@x")));
    directory.tokens.push_back(token_of("N" + std::to_string(i), "id", "b@x"));
  }
  ASSERT_TRUE(refresh(directory));
  EXPECT_TRUE(told_.empty());
  MirrorQuery query;
  query.search = "N";
  EXPECT_EQ(mirror_->page("one", query)->tokens.at(0).oath_id, "id");
  EXPECT_EQ(mirror_->counts("one", query)->all, 1200);
}

TEST_F(MirrorBatches, anotherThreadsChangesAllStay) {
  ASSERT_TRUE(refresh(many("e")));
  std::atomic<bool> over = false;
  int last = 0;
  std::jthread other;
  auto directory = many("o");
  directory.meanwhile = [&] {  // what was put before the reading began, and is not in the tenant, would vanish
    other = std::jthread([&] {
      for (; !over || last == 0; ++last) ASSERT_TRUE(mirror_->put("one", token_of("P" + std::to_string(last), "p", "p@x")));
    });
  };
  const auto done = refresh(directory);
  over = true;
  other.join();
  ASSERT_TRUE(done);
  MirrorQuery query;
  query.upn = "p@x";
  EXPECT_EQ(mirror_->counts("one", query)->all, last);
  EXPECT_EQ(walked(*mirror_, query).size(), static_cast<std::size_t>(last));
  for (const auto& change : told_) EXPECT_NE(change.token.upn, "p@x");
}

TEST(Turns, areHadByOneAtATimeAndByAll) {
  Turns turns;
  int had = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        for (int turn = 0; turn < 500; ++turn) {
          const std::lock_guard mine(turns);
          ++had;
        }
      });
  }
  EXPECT_EQ(had, 2000);
}

}  // namespace portalkey::batches_test
