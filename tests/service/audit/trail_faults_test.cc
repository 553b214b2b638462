#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/service/audit/trail_fixture.h"

namespace portalkey::trail_faults_test {
namespace {

class TrailUnderFaults : public TrailFixture {};

TEST_F(TrailUnderFaults, AFullDiskIsAnErrorAndTheChainStaysWhole) {
  write(5);
  // The limit is the process's: a child has it.
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    auto mine = open_audit_log(folder.path(), clock);
    const rlimit limit{1'000'000, 1'000'000};
    if (!mine || ::setrlimit(RLIMIT_FSIZE, &limit) != 0) ::_exit(9);
    for (int i = 0; i < 2000; ++i) {
      auto entry = (*mine)->append(event_of("filling", std::string(200, 's')));
      if (!entry) ::_exit(entry.error().code == Errc::unavailable ? 0 : 3);
    }
    ::_exit(4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(verified().sound()) << all_findings(verified());
  write(1);
  EXPECT_GT(verified().entries, 6);
  EXPECT_TRUE(verified().sound());
}

TEST_F(TrailUnderFaults, AFileThatCannotBeWrittenIsAnErrorAndIsStillRead) {
  write(5);
  trail.reset();
  // Root may write to any file: a child becomes nobody, whose files they are.
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;
  for (const auto& at : std::filesystem::directory_iterator(folder.path())) {
    ASSERT_TRUE(!root || ::chown(at.path().c_str(), kNobody, kNobody) == 0);
    ASSERT_EQ(::chmod(at.path().c_str(), 0400), 0);
  }
  ASSERT_TRUE(!root || ::chown(folder.path().c_str(), kNobody, kNobody) == 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (root && ::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(9);
    auto mine = open_audit_log(folder.path(), clock);
    if (!mine) ::_exit(8);
    auto entry = (*mine)->append(event_of("x"));
    if (entry) ::_exit(7);
    if (entry.error().code != Errc::forbidden) ::_exit(6);
    auto page = (*mine)->search({}, 10, 0);
    if (!page || page->entries.size() != 5) ::_exit(5);
    auto reading = (*mine)->read();
    if (!reading) ::_exit(4);
    auto verification = verify(**reading);
    ::_exit(verification && verification->sound() ? 0 : 3);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  if (root) {
    for (const auto& at : std::filesystem::directory_iterator(folder.path())) ASSERT_EQ(::chown(at.path().c_str(), 0, 0), 0);
    ASSERT_EQ(::chown(folder.path().c_str(), 0, 0), 0);
  }
  ASSERT_EQ(::chmod((folder / kAuditFile).c_str(), 0600), 0);
  trail = *open_audit_log(folder.path(), clock);
  write(1);
  EXPECT_EQ(verified().entries, 6);
  EXPECT_TRUE(verified().sound()) << all_findings(verified());
}

TEST_F(TrailUnderFaults, KilledInTheMidstHasAllThatWasAcknowledged) {
  trail.reset();
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 8; ++round) {
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto mine = open_audit_log(folder.path(), clock);
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
          for (;;) {
            const auto entry = (*mine)->append(event_of("x"));
            if (!entry || ::write(told[1], &entry->number, sizeof entry->number) < 0) ::_exit(1);
          }
        });
      ::pause();
    }
    ::close(told[1]);
    std::int64_t number = 0;
    for (int i = 0; i < 20 + 17 * round; ++i) {
      ASSERT_EQ(::read(told[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
      acknowledged = std::max(acknowledged, number);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    while (::read(told[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number))
      acknowledged = std::max(acknowledged, number);
    ::close(told[0]);
    trail = *open_audit_log(folder.path(), clock);
    const auto result = verified();
    EXPECT_TRUE(result.sound()) << all_findings(result);
    EXPECT_GE(result.last, acknowledged);
    trail.reset();
  }
}

}  // namespace
}  // namespace portalkey::trail_faults_test
