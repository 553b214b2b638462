#include "app/operations/import_seeds.h"

#include <map>

#include "app/json/clocks_json.h"
#include "app/operations/device_clocks.h"
#include "base/time_text.h"
#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/app/jobs_world.h"

namespace portalkey::import_seeds_test {
namespace {

using State = TokenOutcome::State;
using States = std::vector<State>;

SeedImport file(std::string path) {
  SeedImport wanted;
  wanted.seeds.file = std::move(path);
  return wanted;
}

TEST(ImportSeeds, EachUsableRowBecomesAnActiveToken) {
  JobsWorld world;
  const auto done =
      import_seeds(world.tenant, file(world.seeds({world.row(1), "user2@contoso.com,T0002,1O1O,30,SHA1", world.row(3)})));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::rejected, State::active}));
  EXPECT_EQ(done->tokens[1].code, OutcomeCode::unusable_row);
  EXPECT_EQ(done->tokens[1].line, 3) << "in the file's order";
  EXPECT_FALSE(done->stopped);
  EXPECT_TRUE(done->all_settled() && done->kept && done->puts_in);
  ASSERT_EQ(world.journal().size(), 1u);
  EXPECT_EQ(world.journal()[0].id, done->job.id);
  EXPECT_EQ(world.journal()[0].state, Job::State::done);
  EXPECT_EQ(world.journal()[0].good, 2u);
}

TEST(ImportSeeds, ASecondTimeItChangesNothingAndKeepsNoJob) {
  JobsWorld world;
  const auto wanted = file(world.seeds({world.row(1)}));
  ASSERT_TRUE(import_seeds(world.tenant, wanted));
  const auto again = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(states(again->tokens), States{State::already_active});
  EXPECT_FALSE(again->kept || again->puts_in);
  EXPECT_EQ(world.portal.uploads, 1);
  EXPECT_EQ(world.journal().size(), 1u);
}

TEST(ImportSeeds, UntilUploadedNothingIsActivated) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  wanted.activate = false;
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::uploaded});
  EXPECT_TRUE(world.portal.codes.empty());
}

TEST(ImportSeeds, GraphTakesTokensOfNobody) {
  JobsWorld world(Backend::graph);
  auto wanted = file(world.seeds({world.row(1, false), world.row(2, false)}));
  wanted.activate = false;
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::uploaded, State::uploaded})) << done->tokens[0].reason;
  EXPECT_EQ(world.microsoft.devices.size(), 2u);
  EXPECT_EQ(world.journal()[0].backend, "graph");
}

TEST(ImportSeeds, WhatTheBackendDoesNotTakeSaysWhichOneWould) {
  JobsWorld world;
  const auto done = import_seeds(
      world.tenant, file(world.seeds({"user1@contoso.com,T0001,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,SHA256", world.row(2)})));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::rejected, State::active}));
  EXPECT_EQ(done->tokens[0].remedy, "Microsoft Graph takes it: [[setting|backend|graph]].");
}

TEST(ImportSeeds, ADryRunTellsWhatItWouldDoAndLeavesNoTrace) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  wanted.terms.dry_run = true;
  wanted.terms.agree = [](const auto&) -> Result<void> { return fail(Errc::internal, "a dry run is not asked about"); };
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::would_import});
  EXPECT_TRUE(done->dry_run && done->puts_in);
  EXPECT_EQ(world.portal.uploads, 0);
  EXPECT_FALSE(std::filesystem::exists(world.tenant.jobs_folder()));
}

TEST(ImportSeeds, WhoeverDoesNotAgreeHasNothingChanged) {
  JobsWorld world;
  auto wanted = file(world.seeds({world.row(1)}));
  std::size_t shown = 0;
  wanted.terms.agree = [&](const std::vector<JobToken>& tokens) -> Result<void> {
    shown = tokens.size();
    return fail(Errc::cancelled, "no");
  };
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::cancelled);
  EXPECT_EQ(shown, 1u);
  EXPECT_EQ(world.portal.uploads, 0);
  EXPECT_FALSE(std::filesystem::exists(world.tenant.jobs_folder()));
}

/// A world whose portal takes codes of a whole day, and a list of what devices show.
struct ClocksWorld : JobsWorld {
  explicit ClocksWorld(std::chrono::seconds window = std::chrono::hours(24)) { portal.window = window; }
  static constexpr std::chrono::seconds kStep{30};

  /// What the n-th token shows when its clock is so far ahead.
  std::string code(int n, std::chrono::seconds ahead) const {
    std::string row_text = row(n);
    const auto begin = row_text.find("GEZ");
    return totp(*decode_base32(row_text.substr(begin, 32)), clock.now() + ahead, kStep);
  }
  std::string reading(int n, std::chrono::seconds ahead) const {
    return fmt::format("T{:04},{},{},{}", n, code(n, ahead), code(n, ahead + kStep), iso_time(clock.now()));
  }
  SeedImport wanted(std::initializer_list<std::string> rows, std::initializer_list<std::string> readings) const {
    auto out = file(seeds(rows));
    out.clocks = (folder / "clocks.csv").string();
    std::ofstream list(out.clocks);
    list << "serial number,code,next code,read at\n";
    for (const auto& one : readings) list << one << "\n";
    return out;
  }
};

constexpr std::chrono::seconds kAhead{4 * 3600};

TEST(ImportSeeds, DevicesWhoseCodesWereReadAreActivatedForTheirOwnTime) {
  ClocksWorld world;
  const auto done = import_seeds(world.tenant, world.wanted({world.row(1), world.row(2), world.row(3)},
                                                            {world.reading(1, kAhead), world.reading(3, -kAhead)}));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), (States{State::active, State::active, State::active}));
  EXPECT_EQ(world.portal.learnt.at("T0001"), kAhead);
  EXPECT_EQ(world.portal.learnt.at("T0002"), std::chrono::seconds(0));
  EXPECT_EQ(world.portal.learnt.at("T0003"), -kAhead);
  EXPECT_EQ(done->tokens[0].reason, "activated for the device's own time: 4 h 0 min ahead");
  ASSERT_TRUE(done->tokens[0].clock);
  EXPECT_EQ(done->tokens[0].clock->ahead, kAhead);
  const auto clocks = activation_clocks(*done);
  EXPECT_EQ(clocks.own, 2u);
  EXPECT_EQ(clocks.computed, 1u);
  const auto rows = (*world.tenant.jobs())->tokens(done->job.id);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->at(2).outcome.clock->ahead, -kAhead) << "the journal has what was learnt";
}

TEST(ImportSeeds, AResumedJobKnowsTheClocksStill) {
  ClocksWorld world;
  world.portal.forbid_after = 0;
  const auto cut = import_seeds(world.tenant, world.wanted({world.row(1)}, {world.reading(1, kAhead)}));
  ASSERT_TRUE(cut) << cut.error().what;
  ASSERT_TRUE(cut->stopped && cut->kept);
  world.portal.forbid_after = -1;
  world.clock.advance(std::chrono::hours(1));
  const auto store = world.tenant.jobs();
  ASSERT_TRUE(store);
  const auto done = resume_job(world.tenant, **store, cut->job.id);
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_EQ(states(done->tokens), States{State::active}) << done->tokens[0].reason;
  EXPECT_EQ(world.portal.learnt.at("T0001"), kAhead);
}

TEST(ImportSeeds, ADeviceWhoseCodesTellNoClockIsRefusedAndTheOthersGoOn) {
  ClocksWorld world;
  const auto now = iso_time(world.clock.now());
  const auto late = std::chrono::hours(30);
  const auto done = import_seeds(
      world.tenant,
      world.wanted(
          {world.row(1), world.row(2), world.row(3), world.row(4), world.row(5)},
          {world.reading(1, kAhead), fmt::format("T0002,{},{},{}", world.code(2, kAhead), world.code(2, kAhead * 2), now),
           fmt::format("T0003,{},{},{}", world.code(4, kAhead), world.code(4, kAhead + world.kStep), now),
           world.reading(4, late), fmt::format("T0005,{},,yesterday", world.code(5, kAhead)), "T0777,123456,," + now}));
  ASSERT_TRUE(done) << done.error().what;
  std::map<std::string, const TokenOutcome*> by_serial;
  for (const auto& token : done->tokens) by_serial[token.serial] = &token;
  ASSERT_EQ(by_serial.size(), 6u);
  EXPECT_EQ(by_serial["T0001"]->state, State::active);
  const std::pair<const char*, const char*> refused[] = {
      {"T0002", "clocks.csv line 3: code: neither code"},
      {"T0003", "of the token T0004 of this file"},
      {"T0004", "30 h 0 min ahead, and Entra follows at most 24 h"},
      {"T0005", "clocks.csv line 6: read at: it is no time"},
      {"T0777", "clocks.csv line 7: serial number: the seed file has no usable token"},
  };
  for (const auto& [serial, why] : refused) {
    EXPECT_EQ(by_serial[serial]->state, State::rejected) << serial;
    EXPECT_EQ(by_serial[serial]->code, OutcomeCode::unusable_row);
    EXPECT_TRUE(by_serial[serial]->reason.contains(why)) << by_serial[serial]->reason;
    EXPECT_FALSE(by_serial[serial]->remedy.empty());
  }
  EXPECT_EQ(world.portal.tokens.size(), 1u) << "what is refused is not uploaded";
}

TEST(ImportSeeds, WhatAFileSaysOfItsDevicesAgeIsToldOfThoseActivatedByComputedCodes) {
  ClocksWorld world;
  auto wanted = world.wanted({}, {world.reading(2, kAhead)});
  std::ofstream(wanted.seeds.file) << "upn,serial number,secret key,time interval,hash,manufacture date\n"
                                   << world.row(1) << ",2019-05-01\n"
                                   << world.row(2) << ",2019-05-01\n"
                                   << world.row(3) << "," << iso_time(world.clock.now()).substr(0, 10) << "\n";
  const auto done = import_seeds(world.tenant, wanted);
  ASSERT_TRUE(done) << done.error().what;
  const auto clocks = activation_clocks(*done);
  EXPECT_EQ(clocks.computed, 2u);
  ASSERT_EQ(clocks.long_ago.size(), 1u) << "the second one's clock is known";
  EXPECT_EQ(clocks.long_ago[0].serial, "T0001");
  EXPECT_EQ(clocks.long_ago[0].made, "2019-05-01");
  EXPECT_EQ(serialize(clocks_json(clocks)),
            R"({"computedCodes":2,"ownTime":1,"madeLongAgo":[{"serial":"T0001","made":"2019-05-01"}]})");
}

TEST(ImportSeeds, AListOfCodesThatIsNoneEndsItBeforeAnythingIsSent) {
  ClocksWorld world;
  auto wanted = world.wanted({world.row(1)}, {});
  EXPECT_EQ(import_seeds(world.tenant, wanted).error().code, Errc::invalid_input);
  wanted.clocks = (world.folder / "none.csv").string();
  EXPECT_FALSE(import_seeds(world.tenant, wanted));
  EXPECT_EQ(world.portal.uploads, 0);
}

}  // namespace
}  // namespace portalkey::import_seeds_test
