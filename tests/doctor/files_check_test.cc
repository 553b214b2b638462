#include "doctor/files_check.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/file_lock.h"
#include "tests/temporary_folder.h"

namespace portalkey::files_check_test {
namespace {

std::filesystem::path file_of_mode(const TemporaryFolder& folder, mode_t mode) {
  const auto path = folder / "file";
  std::ofstream(path) << "x";
  ::chmod(path.c_str(), mode);
  return path;
}

TEST(FilesCheck, WhoMayReadAndWrite) {
  const TemporaryFolder folder;
  const struct {
    mode_t mode;
    bool secret;
    Outcome outcome;
    const char* remedy;
  } rows[] = {
      {0600, true, Outcome::ok, ""},
      {0400, true, Outcome::ok, ""},
      {0640, true, ::geteuid() == 0 ? Outcome::ok : Outcome::failure,
       ::geteuid() == 0 ? "" : "chmod 600"},  // the group of root's
      {0604, true, Outcome::failure, "chmod 600"},
      {0644, false, Outcome::ok, ""},
      {0664, false, Outcome::failure, "chmod go-w"},
  };
  for (const auto& row : rows) {
    const auto finding = check_file({file_of_mode(folder, row.mode), "the file", row.secret, true});
    EXPECT_EQ(finding.outcome, row.outcome) << std::oct << row.mode << " " << finding.what;
    EXPECT_TRUE(finding.remedy.starts_with(row.remedy)) << finding.remedy;
  }
}

TEST(FilesCheck, WhatIsNotThereOrNoFile) {
  const TemporaryFolder folder;
  EXPECT_EQ(check_file({folder / "none", "the secret", true, true}).outcome, Outcome::failure);
  EXPECT_EQ(check_file({folder / "none", "the vault file", true, false}).outcome, Outcome::ok);
  EXPECT_EQ(check_file({folder / ".", "the secret", true, true}).outcome, Outcome::failure);
}

TEST(FilesCheck, TheStateFolderAndWhatLiesInIt) {
  const TemporaryFolder folder;
  SystemClock clock;
  EXPECT_EQ(worst(check_state_folder(folder / "none", clock)), Outcome::ok);
  const auto state = folder / "state";
  std::filesystem::create_directory(state);
  ::chmod(state.c_str(), 0777);
  EXPECT_EQ(worst(check_state_folder(state, clock)), Outcome::failure);
  ::chmod(state.c_str(), 0700);
  EXPECT_EQ(worst(check_state_folder(state, clock)), Outcome::ok);
  std::ofstream(state / "escrow.sealed") << "x";
  auto findings = check_state_folder(state, clock);
  EXPECT_EQ(worst(findings), Outcome::warning);
  EXPECT_EQ(findings[1].check, "escrow");
  std::filesystem::remove(state / "escrow.sealed");

  {
    const auto held = FileLock::take(state / "session.lock", std::chrono::seconds(0), clock, {});
    ASSERT_TRUE(held);
    EXPECT_EQ(check_state_folder(state, clock).back().outcome, Outcome::warning);
  }
  EXPECT_EQ(check_state_folder(state, clock).back().outcome, Outcome::ok);
}

}  // namespace
}  // namespace portalkey::files_check_test
