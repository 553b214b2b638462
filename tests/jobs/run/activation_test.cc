#include "jobs/run/activation.h"

#include <gtest/gtest.h>

#include "base/tasks.h"
#include "tests/jobs/fake_portal.h"

namespace portalkey::activation_test {
namespace {

struct ActivationRun {
  std::vector<ActivationResult> results;  // one per order
  std::optional<Error> stopped;
};

ActivationRun activate_tokens(const std::vector<ActivationOrder>& orders, TokenDirectory& tokens, ActivationPace& pace,
                              Clock& clock, Progress& progress, std::stop_token stop) {
  ActivationRun run;
  run.results.resize(orders.size());
  Activations* doing = nullptr;
  Activations activations(
      tokens, pace, clock, stop, [&](std::size_t i) { return Result<ActivationOrder>(orders[i]); },
      [&](std::size_t i, const TokenSeed*, ActivationResult result) {
        run.results[i] = std::move(result);
        progress.step(orders.size() - doing->left(), orders.size(), doing->least_time());
      });
  doing = &activations;
  Tasks work(clock, stop);
  for (std::size_t i = 0; i < orders.size(); ++i) activations.add(i);
  progress.step(0, orders.size(), activations.least_time());
  activations.start(work);
  work.start([&] {
    activations.finish();
    activations.verify(orders.size());
  });
  work.run();
  run.stopped = activations.stopped();
  return run;
}

using namespace std::chrono_literals;

struct World : JobWorld {
  std::vector<TokenSeed> made;
  std::vector<ActivationOrder> orders;
  ActivationLimit limit;

  explicit World(std::size_t count) : made(seeds(count)) {
    for (const auto& seed : made) {
      const auto base32 = seed.base32.reveal([](std::string_view text) { return std::string(text); });
      portal.tokens.push_back({seed.serial, seed.upn, base32, "oath-" + seed.serial, *seed.step});
      TenantToken token;
      token.oath_id = "oath-" + seed.serial;
      token.upn = seed.upn;
      token.serial = seed.serial;
      token.step = seed.step;
      orders.push_back({std::shared_ptr<const TokenSeed>(std::shared_ptr<void>(), &seed),
                        std::make_shared<const TenantToken>(std::move(token))});
    }
  }
  ActivationRun run() {
    EXPECT_TRUE(tokens.list({}, Deadline::in(1min, clock)));  // as every command does first: it also learns the server's clock
    OwnPace pace(limit, clock);
    return activate_tokens(orders, tokens, pace, clock, progress, {});
  }
  std::size_t active() const {
    return static_cast<std::size_t>(std::ranges::count_if(portal.tokens, &FakePortal::Token::active));
  }
};

TEST(Activation, EveryTokenIsActiveAndNoCodeIsSentInItsLastSecond) {
  World world(120);
  const auto run = world.run();
  EXPECT_FALSE(run.stopped);
  EXPECT_EQ(world.active(), 120u);
  for (const auto left : world.portal.left_in_step) EXPECT_GE(left, 900ms);
  for (const auto& code : world.portal.codes) EXPECT_EQ(code.size(), 6u) << code;
  EXPECT_TRUE(std::ranges::any_of(world.portal.codes, [](const auto& code) { return code.starts_with('0'); }))
      << "120 codes, none with a leading zero";
}

TEST(Activation, TheServersClockDecides) {
  for (const std::chrono::milliseconds offset :
       {std::chrono::milliseconds(5min), std::chrono::milliseconds(-5min), std::chrono::milliseconds(14h)}) {
    World world(10);
    world.portal.offset = offset;
    world.run();
    EXPECT_EQ(world.active(), 10u) << offset.count();
  }
}

TEST(Activation, NoCodeIsSentWhileTheClocksAreDaysApart) {
  for (const std::chrono::milliseconds offset :
       {std::chrono::milliseconds(25h), std::chrono::milliseconds(-25h), std::chrono::milliseconds(24h * 365)}) {
    World world(10);
    world.portal.offset = offset;
    const auto run = world.run();
    ASSERT_TRUE(run.stopped) << offset.count();
    EXPECT_TRUE(run.stopped->what.starts_with("the server says that it is ")) << run.stopped->what;
    EXPECT_TRUE(world.portal.codes.empty());
    for (const auto& result : run.results) EXPECT_EQ(result.reason, run.stopped->what);
  }
}

TEST(Activation, ACodeRefusedForItsLeadingZeroIsTriedInTheNextStep) {
  World world(120);
  world.portal.refuse_leading_zero = true;
  const auto run = world.run();
  EXPECT_GE(world.active(), 118u) << "three codes in a row that begin with 0 are one in a thousand";
  EXPECT_GT(world.portal.codes.size(), 120u);
}

TEST(Activation, AWrongSeedFailsAfterThreeStepsWithItsReason) {
  World world(3);
  world.portal.tokens[1].base32 = "JBSWY3DPEHPK3PXP";
  const auto run = world.run();
  EXPECT_TRUE(run.results[0].active && run.results[2].active);
  EXPECT_FALSE(run.results[1].active);
  EXPECT_NE(run.results[1].reason.find("refused 3 times"), std::string::npos) << run.results[1].reason;
  EXPECT_NE(run.results[1].remedy.find("another secret key"), std::string::npos);
  EXPECT_EQ(world.portal.codes.size(), 5u);
}

struct ClocksWorld : World {
  ClocksWorld(std::chrono::seconds ahead, std::chrono::seconds window) : World(2) {
    for (auto& seed : made) seed.detailed().clock = DeviceClock{ahead, clock.now()};
    portal.window = window;
  }
};

TEST(Activation, WhereADevicesClockIsKnownItsOwnTimeIsTaught) {
  for (const auto ahead : {std::chrono::seconds(4h), std::chrono::seconds(-23h)}) {
    ClocksWorld world(ahead, 24h);
    world.run();
    EXPECT_EQ(world.active(), 2u);
    for (const auto& seed : world.made) EXPECT_EQ(world.portal.learnt.at(seed.serial), ahead);
    for (const auto left : world.portal.left_in_step) EXPECT_GE(left, 900ms);
  }
}

TEST(Activation, ADeviceThatIsFarOffGetsNoCodeOfThePresent) {
  ClocksWorld world(4h, 60s);
  const auto run = world.run();
  EXPECT_EQ(world.active(), 0u);
  for (const auto& result : run.results) {
    EXPECT_TRUE(result.reason.contains("the device's own time (4 h 0 min ahead) was refused 2 times")) << result.reason;
    EXPECT_TRUE(result.remedy.contains("codes of the present only")) << result.remedy;
  }
  EXPECT_EQ(world.portal.codes.size(), 4u);
}

TEST(Activation, ADeviceThatIsNearlyRightIsActivatedWhereOnlyThePresentCountsToo) {
  for (const auto ahead : {60s, -60s, 30s}) {
    ClocksWorld world(ahead, 30s);
    world.made.erase(world.made.begin() + 1, world.made.end());
    world.orders.resize(1);
    world.run();
    EXPECT_EQ(world.portal.learnt.at("0000000"), ahead > 0s ? 30s : -30s) << "so that two steps off can sign in";
  }
}

TEST(Activation, ALostAnswerIsSettledByAskingTheTenant) {
  World world(3);
  world.portal.lose_activations = 1;
  const auto run = world.run();
  EXPECT_EQ(world.active(), 3u);
  EXPECT_TRUE(run.results[0].active);
  EXPECT_EQ(world.portal.codes.size(), 3u) << "an activation that took effect was sent again";
}

TEST(Activation, TheLimitIsPlannedFor) {
  World world(45);
  world.limit = {.count = 20, .window = 300s};
  world.run();
  EXPECT_EQ(world.active(), 45u);
  const auto& times = world.portal.activation_times;
  for (std::size_t i = 20; i < times.size(); ++i) EXPECT_GE(times[i] - times[i - 20], 299s) << i;
  EXPECT_EQ(world.progress.longest_eta, 600s);
}

TEST(Activation, AForbiddenAccountEndsTheRunAndSaysSoForTheRest) {
  World world(5);
  world.portal.forbid_after = 2;
  const auto run = world.run();
  ASSERT_TRUE(run.stopped);
  EXPECT_EQ(run.stopped->code, Errc::forbidden);
  EXPECT_TRUE(run.results[0].active && run.results[1].active);
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(run.results[i].reason, run.stopped->what) << i;
  EXPECT_TRUE(run.results[2].attempted);
  EXPECT_FALSE(run.results[3].attempted || run.results[4].attempted);
}

TEST(Activation, AnInterruptEndsItBetweenTwoTokens) {
  World world(5);
  std::stop_source stop;
  stop.request_stop();
  OwnPace pace({}, world.clock);
  const auto run = activate_tokens(world.orders, world.tokens, pace, world.clock, world.progress, stop.get_token());
  ASSERT_TRUE(run.stopped);
  EXPECT_EQ(run.stopped->code, Errc::cancelled);
  EXPECT_EQ(world.active(), 0u);
}

}  // namespace
}  // namespace portalkey::activation_test
