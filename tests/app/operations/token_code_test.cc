#include "app/operations/token_code.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/json/code_json.h"
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

TEST(CheckCode, SaysHowFarTheTokensClockIsOff) {
  World world;
  world.options.at = from_unix_seconds(59 + 30 * 5);
  const auto checked = check_code(world.options, "287082", 20, world.clock, world.remarks);
  ASSERT_TRUE(checked) << checked.error().what;
  ASSERT_TRUE(checked->fits());
  EXPECT_EQ(checked->steps.front(), -5);
  EXPECT_FALSE(checked->good()) << "Entra tolerates two steps";
  EXPECT_TRUE(json_of(*checked).contains(R"("steps":-5,"seconds":-150,"withinEntrasTolerance":false)"));
}

TEST(CheckCode, OneThatFitsNoStepIsNoError) {
  World world;
  const auto checked = check_code(world.options, "000000", 2, world.clock, world.remarks);
  ASSERT_TRUE(checked);
  EXPECT_FALSE(checked->fits());
  EXPECT_EQ(check_code(world.options, "12345", 2, world.clock, world.remarks).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::token_code_test
