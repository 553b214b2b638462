#include "jobs/run/import.h"

#include <gtest/gtest.h>

#include "tests/jobs/fake_portal.h"

namespace portalkey::import_test {
namespace {

using namespace std::chrono_literals;
using State = TokenOutcome::State;

struct ImportReport {
  std::vector<TokenOutcome> outcomes;  // one per token, in order
  std::optional<Error> stopped;
};

/// Rows in memory.
struct HeldRows final : ImportRows {
  explicit HeldRows(const std::vector<TokenSeed>& from) : seeds(from) { report.outcomes.resize(from.size()); }
  std::size_t size() const override { return seeds.size(); }
  Result<std::shared_ptr<const TokenSeed>> seed(std::size_t place) override {
    return std::shared_ptr<const TokenSeed>(std::shared_ptr<void>(), &seeds[place]);
  }
  Result<void> uploading(const std::string&) override { return {}; }
  Result<void> uploaded(const std::string&) override { return {}; }
  Result<void> settled(std::size_t place, const TokenOutcome& outcome) override {
    report.outcomes[place] = outcome;
    return {};
  }
  Result<void> flush() override { return {}; }

  const std::vector<TokenSeed>& seeds;
  ImportReport report;
};

struct World : JobWorld {
  std::vector<TokenSeed> made;
  ImportOptions options;
  explicit World(std::size_t count) : made(seeds(count)) {}
  ActivationLimit limit;
  ImportReport run() {
    OwnPace pace(limit, clock);
    options.pace = &pace;
    HeldRows rows(made);
    rows.report.stopped = import_tokens(rows, tokens, options, clock, random, progress, {});
    return std::move(rows.report);
  }
};

std::size_t count(const ImportReport& report, State state) {
  return static_cast<std::size_t>(std::ranges::count(report.outcomes, state, &TokenOutcome::state));
}

TEST(Import, UploadsInChunksAndActivates) {
  World world(450);
  world.limit = {.count = 100'000, .window = 1s};
  const auto report = world.run();
  EXPECT_EQ(count(report, State::active), 450u);
  EXPECT_EQ(world.portal.uploads, 3);
}

TEST(Import, RunningItAgainSendsNothing) {
  World world(10);
  world.run();
  const auto uploads = world.portal.uploads;
  const auto codes = world.portal.codes.size();
  const auto report = world.run();
  EXPECT_EQ(count(report, State::already_active), 10u);
  EXPECT_EQ(world.portal.uploads, uploads);
  EXPECT_EQ(world.portal.codes.size(), codes);
}

TEST(Import, UntilUploadedStopsThereAndADryRunSendsNothing) {
  World world(10);
  world.options.dry_run = true;
  EXPECT_EQ(count(world.run(), State::would_import), 10u);
  EXPECT_EQ(world.portal.uploads, 0);
  world.options.dry_run = false;
  world.options.activate = false;
  EXPECT_EQ(count(world.run(), State::uploaded), 10u);
  EXPECT_TRUE(world.portal.codes.empty());
  EXPECT_EQ(count(world.run(), State::already_uploaded), 10u);
  world.options.activate = true;
  EXPECT_EQ(count(world.run(), State::active), 10u);
}

TEST(Import, CulpritsAreFoundAndEverybodyElseGoesIn) {
  for (const bool all_or_nothing : {false, true}) {
    World world(40);
    world.portal.all_or_nothing = all_or_nothing;
    world.portal.refused_upns = {"user7@contoso.com", "user30@contoso.com"};
    const auto report = world.run();
    EXPECT_EQ(count(report, State::active), 38u) << all_or_nothing;
    for (const std::size_t bad : {7u, 30u}) {
      EXPECT_EQ(report.outcomes[bad].state, State::failed);
      EXPECT_NE(report.outcomes[bad].reason.find("did not take this row"), std::string::npos) << report.outcomes[bad].reason;
    }
    EXPECT_LT(world.portal.uploads, 30) << "halves find a culprit faster than one row at a time";
  }
}

TEST(Import, AnUploadWhoseAnswerWasLostIsNotRepeatedIfItArrived) {
  World world(10);
  world.portal.lose_uploads = 1;
  const auto report = world.run();
  EXPECT_EQ(count(report, State::active), 10u);
  EXPECT_EQ(world.portal.uploads, 1);
  EXPECT_EQ(world.portal.tokens.size(), 10u);
}

TEST(Import, AnUploadThatNeverFinishesFailsItsRowsAndSaysRunAgain) {
  World world(10);
  world.portal.never_completes = true;
  const auto report = world.run();
  EXPECT_EQ(count(report, State::failed), 10u);
  EXPECT_NE(report.outcomes[0].reason.find("did not finish"), std::string::npos) << report.outcomes[0].reason;
  EXPECT_NE(report.outcomes[0].remedy.find("again"), std::string::npos);
  world.portal.never_completes = false;
  EXPECT_EQ(count(world.run(), State::active), 10u);
}

TEST(Import, ARunThatStopsSaysWhatIsUploaded) {
  World world(10);
  world.options.rows_per_upload = 5;
  world.portal.forbid_uploads_after = 1;
  world.options.activate = false;
  const auto report = world.run();
  ASSERT_TRUE(report.stopped);
  EXPECT_EQ(count(report, State::uploaded), 5u);
  EXPECT_EQ(count(report, State::not_done), 5u);
}

TEST(Import, AfterAnUploadThatNeverFinishesNoOtherWaitsAsLong) {
  World world(30);
  world.options.rows_per_upload = 5;
  world.portal.never_completes = true;
  const auto before = world.clock.steady_now();
  const auto report = world.run();
  EXPECT_EQ(world.portal.uploads, 1);
  EXPECT_LT(world.clock.steady_now() - before, 20min);
  EXPECT_EQ(count(report, State::failed), 5u);
  EXPECT_EQ(count(report, State::not_done), 25u);
}

TEST(Import, AnUploadThatCouldNotBeLookedForIsNotSentTwice) {
  World world(10);
  world.portal.lose_uploads = 1;
  world.portal.hide_uploads = true;
  const auto report = world.run();
  EXPECT_EQ(world.portal.uploads, 1);
  EXPECT_EQ(count(report, State::active), 10u);
}

TEST(Import, AnUploadThatDidNotArriveIsSentAgain) {
  World world(4);
  world.portal.drop_uploads = 1;
  EXPECT_EQ(count(world.run(), State::active), 4u);
  EXPECT_EQ(world.portal.uploads, 2);
}

TEST(Import, UploadsThatNeverArriveFailAndTheNextRunDoesIt) {
  World world(4);
  world.portal.drop_uploads = 100;
  EXPECT_EQ(count(world.run(), State::failed), 4u);
  EXPECT_EQ(world.portal.uploads, 3);
  world.portal.drop_uploads = 0;
  EXPECT_EQ(count(world.run(), State::active), 4u);
}

TEST(Import, WhatTheTenantHoldsAlreadyIsRespected) {
  World world(3);
  world.portal.tokens.push_back({world.made[0].serial, "somebody.else@contoso.com", "JBSWY3DPEHPK3PXP", "oath-x"});
  for (int i = 0; i < 5; ++i)
    world.portal.tokens.push_back({fmt::format("X{}", i), "USER1@contoso.com", "JBSWY3DPEHPK3PXP", fmt::format("x{}", i)});
  const auto report = world.run();
  EXPECT_EQ(report.outcomes[0].state, State::failed);
  EXPECT_NE(report.outcomes[0].reason.find("somebody.else@contoso.com"), std::string::npos);
  EXPECT_EQ(report.outcomes[1].state, State::failed);
  EXPECT_NE(report.outcomes[1].reason.find("more than 5"), std::string::npos);
  EXPECT_EQ(report.outcomes[2].state, State::active);
}

TEST(Import, TokensTheBackendCannotTakeAreRejectedBeforeAnythingIsSent) {
  World world(3);
  world.made[0].hash = Hash::sha256;
  world.made[1].upn.clear();
  world.made[2].upn = "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com";
  const auto report = world.run();
  EXPECT_EQ(count(report, State::rejected), 3u);
  EXPECT_EQ(world.portal.uploads, 0);
}

TEST(Import, ProgressTellsTheStates) {
  World world(3);
  world.portal.refused_upns.insert("user1@contoso.com");
  const auto report = world.run();
  EXPECT_EQ(count(report, State::active), 2u);
  EXPECT_NE(world.progress.last_states.find(" active"), std::string::npos) << world.progress.last_states;
}

}  // namespace
}  // namespace portalkey::import_test
