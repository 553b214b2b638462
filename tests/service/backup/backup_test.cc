#include "service/backup/backup.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "service/audit/sqlite_audit_log.h"
#include "service/audit/verify.h"
#include "tests/service/audit/audit_events.h"
#include "tests/temporary_folder.h"

namespace portalkey::backup_test {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ostringstream out;
  out << std::ifstream(file, std::ios::binary).rdbuf();
  return out.str();
}

class Backups : public testing::Test {
 protected:
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  Secret passphrase{"correct horse battery staple"};
  std::filesystem::path file = folder / "backup";

  void SetUp() override {
    std::filesystem::create_directories(folder / "state/jobs");
    std::ofstream(folder / "state/escrow.sealed") << "sealed";
    std::ofstream(folder / "state/jobs/jobs.key") << std::string(200'000, 'k');
    std::ofstream(folder / "state/a.lock") << "";
    std::ofstream(folder / "config.toml") << "[default]\n";
  }
  Result<BackupManifest> made() {
    return make_backup({{"state", folder / "state"}, {"config.toml", folder / "config.toml"}}, file, passphrase, "1.0", clock);
  }
};

TEST_F(Backups, AreRestoredAsTheyWereWhileDatabasesAreWrittenTo) {
  auto trail = *open_audit_log(folder / "state", clock);
  std::jthread writer([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) EXPECT_TRUE(trail->append(event_of("x")));
  });
  while (trail->end()->seq < 50) std::this_thread::yield();
  const auto before = trail->end()->seq;
  auto backup = made();
  ASSERT_TRUE(backup) << backup.error().what;
  EXPECT_EQ(backup->files.size(), 4U) << "no locks, no logs of databases";
  writer.request_stop();
  writer.join();
  auto restored = restore_backup(file, folder / "again", passphrase);
  ASSERT_TRUE(restored) << restored.error().what;
  EXPECT_EQ(restored->version, "1.0");
  EXPECT_EQ(restored->made, clock.now());
  EXPECT_EQ(read_text(folder / "again/state/jobs/jobs.key"), std::string(200'000, 'k'));
  EXPECT_EQ(read_text(folder / "again/config.toml"), "[default]\n");
  struct stat facts{};
  ASSERT_EQ(::stat((folder / "again/state").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777U, 0700U);
  auto again = *open_audit_log(folder / "again/state", clock);
  auto verification = verify(**again->read());
  EXPECT_TRUE(verification->sound());
  EXPECT_GE(verification->last, before);
}

TEST_F(Backups, WriteOverNothing) {
  ASSERT_TRUE(made());
  EXPECT_EQ(made().error().code, Errc::conflict);
  std::filesystem::create_directory(folder / "there");
  EXPECT_EQ(restore_backup(file, folder / "there", passphrase).error().code, Errc::conflict);
  EXPECT_TRUE(std::filesystem::is_empty(folder / "there"));
}

TEST_F(Backups, AWrongPassphraseOpensNothing) {
  ASSERT_TRUE(made());
  EXPECT_EQ(restore_backup(file, folder / "again", Secret("wrong")).error().code, Errc::unauthenticated);
  EXPECT_FALSE(std::filesystem::exists(folder / "again"));
}

TEST_F(Backups, DamageAnywhereIsFoundAndNothingIsLeft) {
  ASSERT_TRUE(made());
  const auto whole = read_text(file);
  EXPECT_FALSE(whole.contains("kkkkkkkk"));
  std::vector<std::string> damaged{whole + "x", whole.substr(0, whole.size() - 1), whole.substr(0, 100),
                                   whole.substr(0, 70'000), ""};
  for (const std::size_t at : {0UL, 30UL, 50UL, 80UL, 1000UL, 70'000UL, whole.size() - 5}) {
    damaged.push_back(whole);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 1);
  }
  for (const auto& text : damaged) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
    EXPECT_FALSE(restore_backup(file, folder / "again", passphrase)) << text.size();
    EXPECT_FALSE(std::filesystem::exists(folder / "again"));
  }
  std::size_t entries = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) entries += entry.path().string().size() > 0;
  EXPECT_EQ(entries, 3U) << "state, config and the backup: no half folder";
}

TEST_F(Backups, WhatIsMissingLeavesNoFile) {
  std::filesystem::remove(folder / "config.toml");
  EXPECT_EQ(made().error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace portalkey::backup_test
