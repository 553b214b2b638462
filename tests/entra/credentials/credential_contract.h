#pragma once
// What every Credential promises (entra/credentials/credential.h), as tests. A kind of credential to be tested is a type with
//
//   ManualClock& clock();
//   Credential& credential();
//   std::string grant();       what it will be given when it next asks
//   void fail_in_passing();    it finds nobody there when it next asks
//   int asked();               how often it has asked
//   static constexpr bool kMovesTheClock;  it waits while it asks
//   static constexpr std::chrono::seconds kLifetime;  of what it is given

#include <gtest/gtest.h>

#include <barrier>
#include <thread>
#include <vector>

#include "entra/credentials/credential.h"

namespace portalkey {

template <class Kind>
class CredentialContract : public testing::Test {
 protected:
  static constexpr const char* kResource = "https://vault.azure.net";
  Result<Secret> ask() { return kind_.credential().access_token(kResource, deadline()); }
  Deadline deadline() { return Deadline::in(std::chrono::minutes(20), kind_.clock()); }
  static std::string text(const Result<Secret>& token) {
    return token ? token->reveal([](std::string_view bare) { return std::string(bare); }) : "error: " + token.error().what;
  }

  Kind kind_;
};

TYPED_TEST_SUITE_P(CredentialContract);

TYPED_TEST_P(CredentialContract, ATokenIsAskedForOnceAndKept) {
  const auto given = this->kind_.grant();
  EXPECT_EQ(this->kind_.asked(), 0) << "nobody has asked for a token yet";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(this->text(this->ask()), given);
  EXPECT_EQ(this->kind_.asked(), 1);
}

TYPED_TEST_P(CredentialContract, ItIsRenewedFiveMinutesBeforeItsEnd) {
  using namespace std::chrono_literals;
  const auto first = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), first);
  this->kind_.clock().advance(this->kind_.kLifetime - 5min - 10s);
  EXPECT_EQ(this->text(this->ask()), first);
  this->kind_.clock().advance(20s);
  const auto second = this->kind_.grant();
  EXPECT_NE(second, first);
  EXPECT_EQ(this->text(this->ask()), second);
  EXPECT_EQ(this->kind_.asked(), 2);
}

TYPED_TEST_P(CredentialContract, WhatFailsInPassingLeavesTheTokenThatIsGoodStill) {
  using namespace std::chrono_literals;
  const auto first = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), first);
  this->kind_.clock().advance(this->kind_.kLifetime - 4min);
  this->kind_.fail_in_passing();
  EXPECT_EQ(this->text(this->ask()), first);
  const auto second = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), second) << "and the next caller tries again";
}

TYPED_TEST_P(CredentialContract, AFailureIsNotKept) {
  this->kind_.fail_in_passing();
  const auto failed = this->ask();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Errc::unavailable) << failed.error().what;
  const auto given = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), given);
}

TYPED_TEST_P(CredentialContract, AfterAChallengeTheRefusedTokenNeverComesAgain) {
  const auto refused = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), refused);
  const auto next = this->kind_.grant();
  const auto answer = this->kind_.credential().answer_challenge(
      this->kResource, Secret(refused), R"({"access_token":{"nbf":{"essential":true,"value":"1767225600"}}})",
      this->deadline());
  if (answer) {
    EXPECT_EQ(this->text(answer), next);
  } else {
    EXPECT_EQ(answer.error().code, Errc::needs_person) << answer.error().what;
  }
  const auto later = this->ask();
  if (later) {
    EXPECT_EQ(this->text(later), next);
    EXPECT_EQ(this->kind_.asked(), 2);
  } else {
    EXPECT_FALSE(answer) << "what was given is gone";
    EXPECT_EQ(later.error().code, Errc::needs_person) << later.error().what;
  }
}

TYPED_TEST_P(CredentialContract, AChallengeThatAnotherHasAnsweredCostsNothing) {
  const auto first = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), first);
  const auto answer =
      this->kind_.credential().answer_challenge(this->kResource, Secret("an older token"), "", this->deadline());
  EXPECT_EQ(this->text(answer), first);
  EXPECT_EQ(this->kind_.asked(), 1);
}

TYPED_TEST_P(CredentialContract, ThreadsShareOneRequest) {
  if constexpr (TypeParam::kMovesTheClock) {
    GTEST_SKIP() << "the clock of tests is one thread's";
  } else {
    constexpr int kThreads = 4;
    const auto given = this->kind_.grant();
    this->kind_.credential();
    std::barrier together(kThreads);
    std::vector<std::string> got(kThreads);
    {
      std::vector<std::jthread> threads;
      for (auto& mine : got) {
        threads.emplace_back([&] {
          together.arrive_and_wait();
          mine = this->text(this->ask());
        });
      }
    }
    for (const auto& one : got) EXPECT_EQ(one, given);
    EXPECT_EQ(this->kind_.asked(), 1);
  }
}

TYPED_TEST_P(CredentialContract, ItSaysWhoItIsAndNoSecret) {
  const auto given = this->kind_.grant();
  EXPECT_EQ(this->text(this->ask()), given);
  const auto who = this->kind_.credential().description();
  EXPECT_FALSE(who.empty());
  for (const auto& secret : {given, std::string("s3cret"), std::string("RT")}) EXPECT_EQ(who.find(secret), std::string::npos);
}

REGISTER_TYPED_TEST_SUITE_P(CredentialContract, ATokenIsAskedForOnceAndKept, ItIsRenewedFiveMinutesBeforeItsEnd,
                            WhatFailsInPassingLeavesTheTokenThatIsGoodStill, AFailureIsNotKept,
                            AfterAChallengeTheRefusedTokenNeverComesAgain, AChallengeThatAnotherHasAnsweredCostsNothing,
                            ThreadsShareOneRequest, ItSaysWhoItIsAndNoSecret);

}  // namespace portalkey
