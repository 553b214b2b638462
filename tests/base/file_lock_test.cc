#include "base/file_lock.h"

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace portalkey::file_lock_test {
namespace {

using namespace std::chrono_literals;

TEST(FileLock, ASecondHolderWaitsAndThenSaysWhichFile) {
  const TemporaryFolder folder;
  ManualClock clock(WallTime{});
  auto first = FileLock::take(folder / "lock", 0ms, clock, {});
  ASSERT_TRUE(first);
  const auto before = clock.steady_now();
  auto second = FileLock::take(folder / "lock", 2s, clock, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::conflict);
  EXPECT_GE(clock.steady_now() - before, 2s);
  EXPECT_EQ(second.error().context.at(0).second, (folder / "lock").string());
}

TEST(FileLock, IsFreeAfterItsHolderIsGone) {
  const TemporaryFolder folder;
  ManualClock clock(WallTime{});
  {
    ASSERT_TRUE(FileLock::take(folder / "lock", 0ms, clock, {}));
  }
  EXPECT_TRUE(FileLock::take(folder / "lock", 0ms, clock, {}));
}

}  // namespace
}  // namespace portalkey::file_lock_test
