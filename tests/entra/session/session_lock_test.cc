#include "tests/entra/session/session_lock_contract.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "tests/entra/session/session_world.h"

namespace portalkey::session_lock_test {
namespace {

struct OnAFile {
  Result<FileLock> take(std::chrono::milliseconds patience, std::stop_token stop) {
    return FileLock::take(folder / "session.lock", patience, clock, stop);
  }
  void die_holding() {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto lock = take(std::chrono::milliseconds(0), {});
      ::_exit(lock ? 0 : 1);
    }
    int status = 1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0) << "it never had the lock";
  }

  const TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
};
INSTANTIATE_TYPED_TEST_SUITE_P(OnAFile, SessionLockContract, OnAFile);

TEST(SessionLock, WhoDoesNotGetItRedeemsNothing) {
  SessionWorld world;
  world.store.stored = {"RT0"};
  ASSERT_TRUE(make_private_folder(world.folder / "state"));
  const auto held = FileLock::take(world.folder / "state/session.lock", std::chrono::milliseconds(0), world.clock, {});
  ASSERT_TRUE(held);
  EXPECT_EQ(world.session.refresh(world.deadline()).error().code, Errc::conflict);
  EXPECT_TRUE(world.http.sent.empty());
  EXPECT_EQ(world.store.stored, std::vector<std::string>{"RT0"});
}

}  // namespace
}  // namespace portalkey::session_lock_test
