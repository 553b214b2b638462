#include "entra/credentials/cached_credential.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

namespace portalkey::cached_credential_test {
namespace {

using namespace std::chrono_literals;

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

/// Counts; may be told to fail or to wait until somebody lets it go.
class Fake final : public CachedCredential {
 public:
  explicit Fake(Clock& clock) : CachedCredential(clock) {}
  std::string description() const override { return "fake"; }
  std::atomic<int> fetches{0}, at_once{0}, most_at_once{0};
  std::atomic<bool> fails{false}, cancelled{false};
  std::function<void()> meanwhile;
  std::vector<std::string> claims;  // of each fetch

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& demanded, const Deadline&) override {
    const int now = ++at_once;
    if (now > most_at_once) most_at_once = now;
    const int number = ++fetches;
    claims.push_back(demanded);
    if (const auto call = meanwhile) call();  // a copy: it may take itself away
    --at_once;
    if (cancelled.exchange(false)) return fail(Errc::cancelled, "interrupted");
    if (fails) return fail(Errc::unauthenticated, "refused " + std::to_string(number));
    TokenAnswer answer;
    answer.access_token = Secret(resource + "#" + std::to_string(number));
    answer.lifetime = 3600s;
    return answer;
  }
};

Deadline deadline(const Clock& clock) { return Deadline::in(60s, clock); }

TEST(CachedCredential, KeepsATokenUntilFiveMinutesBeforeItsEnd) {
  ManualClock clock(from_unix_seconds(1'767'225'600));
  Fake fake(clock);
  EXPECT_EQ(text(*fake.access_token("a", deadline(clock))), "a#1");
  clock.advance(54min + 59s);
  EXPECT_EQ(text(*fake.access_token("a", deadline(clock))), "a#1");
  EXPECT_EQ(text(*fake.access_token("b", deadline(clock))), "b#2");
  clock.advance(1s);
  EXPECT_EQ(text(*fake.access_token("a", deadline(clock))), "a#3");
}

TEST(CachedCredential, AFailureIsNotKept) {
  ManualClock clock(from_unix_seconds(0));
  Fake fake(clock);
  fake.fails = true;
  EXPECT_FALSE(fake.access_token("a", deadline(clock)));
  fake.fails = false;
  EXPECT_EQ(text(*fake.access_token("a", deadline(clock))), "a#2");
}

TEST(CachedCredential, AChallengeReplacesTheRefusedTokenOnceAndIsRemembered) {
  ManualClock clock(from_unix_seconds(0));
  Fake fake(clock);
  const Secret first = std::move(*fake.access_token("a", deadline(clock)));
  EXPECT_EQ(text(*fake.answer_challenge("a", first, "{1}", deadline(clock))), "a#2");
  EXPECT_EQ(text(*fake.answer_challenge("a", first, "{1}", deadline(clock))), "a#2") << "another caller has answered it";
  clock.advance(1h);
  EXPECT_EQ(text(*fake.access_token("a", deadline(clock))), "a#3");
  EXPECT_EQ(fake.claims, (std::vector<std::string>{"", "{1}", "{1}"})) << "a renewal must meet the same demand";
}

TEST(CachedCredential, ThreadsShareOneRequestPerToken) {
  SystemClock clock;
  Fake fake(clock);
  constexpr int kThreads = 8, kRounds = 200;
  std::barrier start(kThreads);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        start.arrive_and_wait();
        for (int i = 0; i < kRounds; ++i) {
          const std::string resource = (t + i) % 2 == 0 ? "a" : "b";
          auto token = fake.access_token(resource, deadline(clock));
          if (!token || !text(*token).starts_with(resource + "#")) ++wrong;
          if (token && i % 50 == 49) token = fake.answer_challenge(resource, *token, "{}", deadline(clock));
          if (!token) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(fake.most_at_once, 1);
  EXPECT_LE(fake.fetches, 2 + kThreads * kRounds / 50) << "one for each token and challenge at most";
}

/// One thread fetches; `waiters` others come meanwhile and get what it gets.
template <class Check>
void while_one_fetches(Fake& fake, Clock& clock, int waiters, Check&& check) {
  std::vector<std::jthread> threads;
  std::atomic<int> started{0};
  fake.meanwhile = [&] {
    if (fake.fetches > 1) return;
    for (int i = 0; i < waiters; ++i) {
      threads.emplace_back([&] {
        ++started;
        check(fake.access_token("a", deadline(clock)));
      });
    }
    while (started < waiters) std::this_thread::yield();
  };
  check(fake.access_token("a", deadline(clock)));
  for (auto& thread : threads) thread.join();
}

TEST(CachedCredential, AFailureWakesEverybodyWhoWaitsForIt) {
  SystemClock clock;
  Fake fake(clock);
  fake.fails = true;
  std::atomic<int> refused{0};
  while_one_fetches(fake, clock, 4, [&](const Result<Secret>& token) { refused += !token; });
  EXPECT_EQ(refused, 5);
  EXPECT_LE(fake.fetches, 5) << "who came too late to wait asks again";
}

TEST(CachedCredential, AnInterruptedFetchIsTakenOverByWhoeverWaits) {
  SystemClock clock;
  Fake fake(clock);
  fake.cancelled = true;
  std::atomic<int> good{0};
  while_one_fetches(fake, clock, 4, [&](const Result<Secret>& token) { good += token.has_value(); });
  EXPECT_EQ(good, 4) << "all but the one who was interrupted";
  EXPECT_EQ(fake.fetches, 2);
}

TEST(CachedCredential, WhoWaitsObeysItsOwnDeadlineAndStop) {
  SystemClock clock;
  Fake fake(clock);
  fake.meanwhile = [&] {
    fake.meanwhile = nullptr;
    std::jthread([&] {
      auto token = fake.access_token("a", Deadline::in(1ms, clock));
      ASSERT_FALSE(token);
      EXPECT_EQ(token.error().code, Errc::unavailable);
    }).join();
    std::jthread([&] {
      std::stop_source stop;
      stop.request_stop();
      auto token = fake.access_token("b", Deadline::in(60s, clock, stop.get_token()));
      ASSERT_FALSE(token);
      EXPECT_EQ(token.error().code, Errc::cancelled);
    }).join();
  };
  EXPECT_TRUE(fake.access_token("a", deadline(clock)));
}

TEST(CachedCredential, AThrowingFetchLeavesNobodyWaiting) {
  ManualClock clock(from_unix_seconds(0));
  Fake fake(clock);
  fake.meanwhile = [&] {
    fake.meanwhile = nullptr;
    throw std::runtime_error("a bug");
  };
  EXPECT_THROW((void)fake.access_token("a", deadline(clock)), std::runtime_error);
  EXPECT_TRUE(fake.access_token("a", deadline(clock)));
}

}  // namespace
}  // namespace portalkey::cached_credential_test
