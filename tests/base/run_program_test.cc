#include "base/run_program.h"

#include <gtest/gtest.h>

#include <thread>

namespace portalkey::run_program_test {
namespace {

using namespace std::chrono_literals;

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

TEST(RunProgram, GivesStreamsAndExitCodeWithoutAShell) {
  auto run = run_program({"sh", "-c", "cat; printf '%s' \"$1\"; echo no >&2; exit 7", "sh", "$(id) `id` ;*"}, {}, {});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->exit_code, 7);
  EXPECT_EQ(text(run->output), "$(id) `id` ;*") << "standard input is empty and arguments are not looked into";
  EXPECT_EQ(run->complaints, "no\n");
}

TEST(RunProgram, AFilterReadsItsInputWhileItWrites) {
  const std::string much(3 << 20, 'x');
  auto run = run_filter({"cat"}, Secret(much), {.time = 60s, .output_bytes = 4 << 20}, {});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(text(run->output), much);
  EXPECT_EQ(text(run_filter({"cat"}, Secret(""), {}, {})->output), "");
}

TEST(RunProgram, AFilterNeedNotReadItsInput) {
  auto run = run_filter({"sh", "-c", "exec 0<&-; echo done"}, Secret(std::string(3 << 20, 'x')),
                        {.time = 60s, .output_bytes = 99}, {});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(text(run->output), "done\n");
}

TEST(RunProgram, AMissingProgramIsNotFound) {
  auto run = run_program({"portalkey-no-such-program"}, {}, {});
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::not_found);
  EXPECT_EQ(start_program({"portalkey-no-such-program"}).error().code, Errc::not_found);
}

TEST(RunProgram, TooLongOrTooMuchEndsItWithItsChildren) {
  auto slow = run_program({"sh", "-c", "sleep 1000 & sleep 1000"}, {.time = 100ms, .output_bytes = 10}, {});
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, Errc::unavailable);
  EXPECT_NE(slow.error().what.find("in time"), std::string::npos);
  auto loud = run_program({"sh", "-c", "while :; do echo much; done"}, {.time = 60s, .output_bytes = 1000}, {});
  ASSERT_FALSE(loud);
  EXPECT_NE(loud.error().what.find("too much"), std::string::npos) << loud.error().what;
}

TEST(RunProgram, IsInterrupted) {
  std::stop_source stop;
  std::jthread interrupt([&] { stop.request_stop(); });
  auto run = run_program({"sleep", "1000"}, {.time = 60s, .output_bytes = 10}, stop.get_token());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().code, Errc::cancelled);
}

TEST(RunProgram, ASignalIsAnExitCodeToo) {
  auto run = run_program({"sh", "-c", "kill -9 $$"}, {}, {});
  ASSERT_TRUE(run);
  EXPECT_EQ(run->exit_code, 137);
}

}  // namespace
}  // namespace portalkey::run_program_test
