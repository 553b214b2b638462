#include "app/operations/token_code.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "app/json/code_json.h"
#include "base/time_text.h"
#include "otp/totp.h"
#include "tests/temporary_folder.h"

namespace portalkey::token_code_test {
namespace {

/// RFC 6238, appendix B: the secret is "12345678901234567890".
struct World {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(59)};
  SeedRemarks remarks;
  CodeOptions options;

  World() {
    std::ofstream(folder / "seeds.csv") << "upn,serial number,secret key,time interval,manufacturer,model\n"
                                           ",0001,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,Contoso,T1\n";
    options.seeds.file = (folder / "seeds.csv").string();
    options.serial = "0001";
  }
};

TEST(TokenCode, IsThatOfTheTimeAndSaysHowLong) {
  World world;
  const auto code = compute_code(world.options, world.clock, world.remarks);
  ASSERT_TRUE(code) << code.error().what;
  EXPECT_EQ(code->code.reveal([](std::string_view digits) { return std::string(digits); }), "287082");
  EXPECT_EQ(code->good_for, std::chrono::seconds(1));
  EXPECT_FALSE(code->counter);
  EXPECT_TRUE(json_of(*code).starts_with(R"({"serial":"0001","code":"287082","time":"1970-01-01T00:00:59Z",)"));
}

TEST(TokenCode, ATokenThatIsNotThereIsNamedAsTheFileHasIt) {
  World world;
  world.options.serial = "1";
  const auto code = compute_code(world.options, world.clock, world.remarks);
  ASSERT_FALSE(code);
  EXPECT_EQ(code.error().code, Errc::not_found);
  EXPECT_TRUE(code.error().remedy.contains("0001")) << code.error().remedy;
}

/// As the command's: no words for references.
std::string plain(std::string_view text) { return std::string(text); }

struct CheckWorld : World {
  WallTime now = from_unix_seconds(1'780'000'000);
  CheckOptions check;
  CheckWorld() : World() {}

  std::string code(std::int64_t steps) const {
    return totp(Secret("12345678901234567890"), now + std::chrono::seconds(30 * steps), std::chrono::seconds(30));
  }
  Result<CheckedCode> run(const std::string& first, const std::string& second = {}) {
    check.of = options;
    check.of.at = now;
    check.codes = {first, second};
    return check_code(check, clock, remarks);
  }
};

TEST(CheckCode, SaysHowFarTheTokensClockIsOff) {
  CheckWorld world;
  for (const std::int64_t steps : {-5, 480, -4000}) {
    const auto checked = world.run(world.code(steps), world.code(steps + 1));
    ASSERT_TRUE(checked) << checked.error().what;
    ASSERT_TRUE(checked->fits());
    EXPECT_EQ(checked->steps(), steps);
    EXPECT_FALSE(checked->good()) << "Entra tolerates two steps";
    EXPECT_EQ(checked->can_be_activated(), std::abs(steps) <= 2880);
    EXPECT_TRUE(json_of(*checked, plain)
                    .contains(fmt::format(R"("steps":{},"seconds":{},"withinEntrasTolerance":false)", steps, steps * 30)))
        << json_of(*checked, plain);
  }
}

TEST(CheckCode, OneThatFitsNoStepIsNoError) {
  CheckWorld world;
  world.check.window = 2;
  const auto checked = world.run(world.code(3));
  ASSERT_TRUE(checked);
  EXPECT_FALSE(checked->fits());
  ASSERT_TRUE(checked->why);
  EXPECT_TRUE(checked->why->what.contains("within 60 s")) << checked->why->what;
  EXPECT_EQ(world.run("12345").error().code, Errc::invalid_input);
  EXPECT_EQ(world.run("123456", "12345x").error().code, Errc::invalid_input);
}

TEST(CheckCode, BadPairsAreSaidAsSuch) {
  CheckWorld world;
  const struct {
    std::string first, second;
    const char* what;
  } pairs[] = {
      {world.code(10), world.code(13), "3 intervals later"},
      {world.code(10), world.code(9), "the other way round"},
      {world.code(10), world.code(10), "the same code twice"},
      {world.code(20'000), world.code(20'001), "more than two days off"},
  };
  for (const auto& [first, second, what] : pairs) {
    const auto checked = world.run(first, second);
    ASSERT_TRUE(checked);
    EXPECT_FALSE(checked->fits());
    ASSERT_TRUE(checked->why) << what;
    EXPECT_TRUE(checked->why->what.contains(what)) << checked->why->what;
    EXPECT_FALSE(checked->why->what.contains(first));
  }
}

TEST(CheckCode, NamesTheTokenWhoseCodesTheyAre) {
  CheckWorld world;
  std::ofstream(world.folder / "seeds.csv", std::ios::app) << ",0002,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQABQ,30,Contoso,T1\n"
                                                           << ",0003,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQACQ,30,Contoso,T1\n";
  world.options.serial = "0002";
  const auto checked = world.run(world.code(100), world.code(101));
  ASSERT_TRUE(checked) << checked.error().what;
  EXPECT_FALSE(checked->fits());
  EXPECT_EQ(checked->whose, "; it is what the codes are of the token 0001 of this file");
}

TEST(CheckCode, TheRateTakesAnEarlierSightingOrTheDateOfManufacture) {
  CheckWorld world;
  EXPECT_FALSE(world.run(world.code(20))->drift) << "nothing says how far off it was before";
  world.check.made = iso_time(world.now - std::chrono::hours(24 * 300)).substr(0, 10);
  auto checked = world.run(world.code(20));
  ASSERT_TRUE(checked->drift);
  EXPECT_NEAR(checked->drift->rate.seconds_per_day, 2, 0.01);
  EXPECT_TRUE(checked->drift->by.starts_with("its date of manufacture")) << checked->drift->by;
  world.check.earlier = DeviceClock{std::chrono::seconds(300), world.now - std::chrono::hours(24 * 100)};
  checked = world.run(world.code(20));
  ASSERT_TRUE(checked->drift);
  EXPECT_DOUBLE_EQ(checked->drift->rate.seconds_per_day, 3);
  EXPECT_DOUBLE_EQ(checked->drift->rate.doubt, 0.3);
  ASSERT_TRUE(checked->drift->unused_until);
  EXPECT_EQ(*checked->drift->unused_until,
            from_unix_seconds(unix_seconds(world.now) + static_cast<std::int64_t>(60 / 3.3 * 86400)));
  EXPECT_TRUE(json_of(*checked, plain).contains(R"("drift":{"secondsPerDay":3)")) << json_of(*checked, plain);
}

}  // namespace
}  // namespace portalkey::token_code_test
