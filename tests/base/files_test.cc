#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/temporary_folder.h"

namespace portalkey::files_test {
namespace {

std::string contents(const std::filesystem::path& path) {
  auto read = read_file(path, 1 << 20, FileUse::trusted);
  return read ? read->reveal([](std::string_view text) { return std::string(text); }) : "(" + read.error().what + ")";
}

TEST(Files, WriteReplacesAndIsPrivate) {
  const TemporaryFolder folder;
  const auto path = folder / "file";
  ASSERT_TRUE(write_file_atomically(path, "one"));
  ASSERT_TRUE(write_file_atomically(path, "two"));
  EXPECT_EQ(contents(path), "two");
  struct stat facts{};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "a temporary file was left behind";
}

TEST(Files, AMissingFileIsNotFoundAndNamed) {
  auto read = read_file("/nonexistent/file", 10, FileUse::trusted);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::not_found);
  ASSERT_FALSE(read.error().context.empty());
  EXPECT_EQ(read.error().context[0].second, "/nonexistent/file");
}

TEST(Files, TheLimitHolds) {
  const TemporaryFolder folder;
  std::ofstream(folder / "big") << std::string(100'000, 'x');
  EXPECT_EQ(read_file(folder / "big", 99'999, FileUse::trusted).error().code, Errc::invalid_input);
  EXPECT_EQ(read_file(folder / "big", 100'000, FileUse::trusted)->size(), 100'000u);
}

TEST(Files, OnlyOwnLeftoversAreRemoved) {
  const TemporaryFolder folder;
  for (const char* name : {"vault", "vault.backup", "vault.231123", ".vault.portalkey-a1B2c3", ".vault.portalkey-toolong",
                           ".other.portalkey-a1B2c3"}) {
    std::ofstream(folder / name) << "x";
  }
  remove_interrupted_writes(folder / "vault");
  EXPECT_FALSE(std::filesystem::exists(folder / ".vault.portalkey-a1B2c3"));
  for (const char* name : {"vault", "vault.backup", "vault.231123", ".vault.portalkey-toolong", ".other.portalkey-a1B2c3"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
  }
}

TEST(Files, ALinkStaysALink) {
  const TemporaryFolder folder;
  std::ofstream(folder / "target") << "old";
  std::filesystem::create_symlink(folder / "target", folder / "link");
  ASSERT_TRUE(write_file_atomically(folder / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(contents(folder / "target"), "new");
}

TEST(Files, AFolderOthersMayWriteToIsNotTrusted) {
  const TemporaryFolder folder;
  EXPECT_TRUE(check_private_folder(folder.path()));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  EXPECT_FALSE(check_private_folder(folder.path()));
}

TEST(Files, RemovingWhatIsNotThereIsFine) {
  const TemporaryFolder folder;
  EXPECT_TRUE(remove_file_durably(folder / "nothing"));
}

TEST(Files, PrivateFoldersAreMadeWithTheirParents) {
  const TemporaryFolder folder;
  const auto deep = folder / "a/b/c";
  ASSERT_TRUE(make_private_folder(deep));
  struct stat facts{};
  ASSERT_EQ(::stat(deep.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700u);
}

}  // namespace
}  // namespace portalkey::files_test
