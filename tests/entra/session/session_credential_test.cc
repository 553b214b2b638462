#include "entra/session/session_credential.h"

#include "base/tasks.h"
#include "tests/entra/session/session_world.h"

namespace portalkey::session_credential_test {
namespace {

using namespace std::chrono_literals;

constexpr int kCallers = 5;

/// Entra takes its time, so that whoever asks meanwhile has to wait.
class Slow final : public Http {
 public:
  Slow(Http& http, Clock& clock) : http_(http), clock_(clock) {}
  Result<Response> send(const Request& request, const Deadline& deadline) override {
    clock_.sleep_for(100ms, deadline.stop);
    return http_.send(request, deadline);
  }

 private:
  Http& http_;
  Clock& clock_;
};

struct World : SessionWorld {
  Slow slow{http, clock};
  TokenEndpoint slow_endpoint{slow, *find_cloud("global"), kTenant, clock, random};
  Session slow_session{{"default", "client", "resource", "RefreshToken", folder / "state", 10, ""},
                       slow_endpoint,
                       store,
                       Escrow(escrow_path, std::nullopt),
                       clock};
  std::vector<Error> not_stored;
  SessionCredential credential{slow_session, [this](const Error& why) { not_stored.push_back(why); }, clock};

  World() { store.stored = {"RT0"}; }
  /// What several tasks of one thread get that ask at once; `refused`: a token that the API did not take.
  std::vector<Result<Secret>> ask_at_once(const Secret* refused = nullptr) {
    std::vector<Result<Secret>> got;
    Tasks tasks(clock);
    for (int i = 0; i < kCallers; ++i) {
      tasks.start([&] {
        got.push_back(refused == nullptr ? credential.access_token("portal", deadline())
                                         : credential.answer_challenge("portal", *refused, {}, deadline()));
      });
    }
    tasks.run();
    return got;
  }
};

TEST(SessionCredential, OneRedemptionServesAllWhoAskMeanwhile) {
  World world;
  world.grant("RT1");
  for (const auto& token : world.ask_at_once()) ASSERT_TRUE(token) << token.error().what;
  EXPECT_EQ(world.http.sent.size(), 1u);
  EXPECT_EQ(world.store.stored, (std::vector<std::string>{"RT0", "RT1"}));
  for (const auto& token : world.ask_at_once()) ASSERT_TRUE(token);
  EXPECT_EQ(world.http.sent.size(), 1u) << "it is kept";
}

TEST(SessionCredential, AFailureIsSharedAndNotRepeatedByEachWhoWaited) {
  World world;
  world.refuse(50076);
  const auto got = world.ask_at_once();
  ASSERT_EQ(got.size(), std::size_t{kCallers});
  for (const auto& token : got) {
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, Errc::needs_person);
  }
  EXPECT_EQ(world.http.sent.size(), 1u);
}

TEST(SessionCredential, ARefusedTokenIsRenewedOnceForAllWhoWereRefused) {
  World world;
  world.grant("RT1");
  const Secret refused = std::move(*world.credential.access_token("portal", world.deadline()));
  world.grant("RT2", R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"y"})");
  for (const auto& token : world.ask_at_once(&refused)) {
    ASSERT_TRUE(token);
    EXPECT_NE(shown(*token), shown(refused));
  }
  EXPECT_EQ(world.http.sent.size(), 2u);
  for (const auto& token : world.ask_at_once(&refused)) EXPECT_TRUE(token);
  EXPECT_EQ(world.http.sent.size(), 2u) << "who comes late with the old one gets the new one";
}

TEST(SessionCredential, WhatFailsInPassingCostsNothingWhileTheTokenIsGood) {
  World world;
  world.grant("RT1");
  ASSERT_TRUE(world.credential.access_token("portal", world.deadline()));
  world.clock.advance(3800s);  // of 4000: due
  world.http.answer(503, "{}");
  for (const auto& token : world.ask_at_once()) EXPECT_TRUE(token);
  EXPECT_EQ(world.http.sent.size(), 2u);
  world.clock.advance(200s);
  world.http.answer(503, "{}");
  EXPECT_FALSE(world.credential.access_token("portal", world.deadline())) << "it has ended";
}

TEST(SessionCredential, AVaultThatDoesNotTakeTheSuccessorIsToldOf) {
  World world;
  world.store.writable = false;
  world.grant("RT1");
  EXPECT_TRUE(world.credential.access_token("portal", world.deadline()));
  ASSERT_EQ(world.not_stored.size(), 1u);
  EXPECT_EQ(world.not_stored[0].what, "vault down");
}

}  // namespace
}  // namespace portalkey::session_credential_test
