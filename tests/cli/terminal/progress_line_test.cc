#include "cli/terminal/progress_line.h"

#include <gtest/gtest.h>

namespace portalkey::progress_line_test {
namespace {

using std::chrono::seconds;

ProgressState activating() {
  ProgressState state;
  state.what = "activating 1000 tokens";
  state.done = 200;
  state.total = 1000;
  state.states = "198 active, 2 failed";
  state.rate = 12.5;
  state.end = SteadyTime(seconds(900));
  state.slot = SteadyTime(seconds(280));
  return state;
}

TEST(ProgressText, SaysWhatHowFarWhenItGoesOnAndWhenItEnds) {
  EXPECT_EQ(progress_text(activating(), SteadyTime(seconds(10)), 0),
            "activating 1000 tokens: 200 of 1000 (198 active, 2 failed), 12.5 a second, next slot in 5 min, about 15 min left");
}

TEST(ProgressText, NeverStandsStill) {
  const auto state = activating();
  EXPECT_NE(progress_text(state, SteadyTime(seconds(240)), 0), progress_text(state, SteadyTime(seconds(241)), 0));
  ProgressState waiting;
  waiting.what = "waiting for the service to read the upload";
  EXPECT_EQ(progress_text(waiting, SteadyTime(seconds(0)), 0), waiting.what);
  EXPECT_EQ(progress_text(waiting, SteadyTime(seconds(7)), 0), waiting.what + ", for 7 s now");
}

TEST(ProgressText, FitsTheWidth) {
  const auto state = activating();
  const std::size_t whole = progress_text(state, SteadyTime(seconds(10)), 0).size();
  for (std::size_t columns = 1; columns <= whole; ++columns) {
    const auto text = progress_text(state, SteadyTime(seconds(10)), columns);
    EXPECT_LE(text.size(), columns);
    EXPECT_TRUE(columns < 60 || (text.contains("200 of 1000") && text.contains("left"))) << text;
  }
  ProgressState name;
  name.what = "\xc3\xa4\xc3\xb6\xc3\xbc";
  EXPECT_EQ(progress_text(name, SteadyTime{}, 2), "\xc3\xa4\xc3\xb6") << "a character is not cut in two";
}

}  // namespace
}  // namespace portalkey::progress_line_test
