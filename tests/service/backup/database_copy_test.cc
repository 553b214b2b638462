#include "service/backup/database_copy.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "sqlite/sqlite.h"
#include "tests/temporary_folder.h"

namespace portalkey::database_copy_test {
namespace {

constexpr StoreWords kWords{"a database", "", ""};

/// Where it is put: in memory, or in a file without a name.
class DatabaseCopies : public testing::TestWithParam<std::uint64_t> {
 protected:
  TemporaryFolder folder;
  std::filesystem::path file = folder / "some.db";
  Sqlite db = *Sqlite::open(file, kWords);

  void SetUp() override {
    ASSERT_TRUE(
        db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; CREATE TABLE pair(a INTEGER, b INTEGER, filling BLOB)"));
    for (int i = 0; i < 200; ++i) write(i);
  }
  void write(int i) {
    ASSERT_TRUE(db.run("INSERT INTO pair VALUES(" + std::to_string(i) + ", -" + std::to_string(i) + ", randomblob(3000))"));
  }
  std::string bytes_of(const DatabaseCopy& copy) {
    std::string out;
    EXPECT_TRUE(copy.each([&](std::string_view piece) -> Result<void> {
      out += piece;
      return {};
    }));
    EXPECT_EQ(out.size(), copy.size());
    return out;
  }
  /// What the statement gives on a database of these bytes.
  std::int64_t asked(const std::string& bytes, const char* sql) {
    std::ofstream(folder / "again.db", std::ios::binary | std::ios::trunc) << bytes;
    std::filesystem::permissions(folder / "again.db", std::filesystem::perms(0600));
    auto again = Sqlite::open(folder / "again.db", kWords);
    EXPECT_TRUE(again);
    Query query(*again, sql);
    auto there = query.step();
    EXPECT_TRUE(there) << there.error().what;
    return there && *there ? query.number(0) : -1;
  }
  std::size_t files() {
    std::size_t out = 0;
    for (const auto& at : std::filesystem::directory_iterator(folder.path())) out += at.path().string().contains(".portalkey-");
    return out;
  }
};

TEST_P(DatabaseCopies, AreWholeWhileOthersWrite) {
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 200; !stop.stop_requested(); ++i) write(i);
  });
  for (int round = 0; round < 5; ++round) {
    auto copy = DatabaseCopy::take(file, GetParam());
    ASSERT_TRUE(copy) << copy.error().what;
    EXPECT_EQ(files(), 0U) << "it has no name";
    const auto bytes = bytes_of(*copy);
    EXPECT_EQ(asked(bytes, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
    EXPECT_EQ(asked(bytes, "SELECT count(*) = max(a) + 1 AND sum(a) = -sum(b) FROM pair"), 1) << "as of one moment";
    EXPECT_GE(asked(bytes, "SELECT count(*) FROM pair"), 200);
  }
}

TEST_P(DatabaseCopies, OfWhatIsNoDatabaseAreNone) {
  std::ofstream(folder / "no.db") << std::string(10'000, 'x');
  std::filesystem::permissions(folder / "no.db", std::filesystem::perms(0600));
  auto copy = DatabaseCopy::take(folder / "no.db", GetParam());
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().code, Errc::corrupt);
  std::ofstream(folder / "empty.db").flush();
  std::filesystem::permissions(folder / "empty.db", std::filesystem::perms(0600));
  auto empty = DatabaseCopy::take(folder / "empty.db", GetParam());
  ASSERT_TRUE(empty) << empty.error().what;
  EXPECT_EQ(bytes_of(*empty), "");
  EXPECT_EQ(std::filesystem::file_size(folder / "empty.db"), 0U) << "nothing is written into it";
}

TEST_P(DatabaseCopies, EndWithTheErrorOfWhoTakes) {
  auto copy = DatabaseCopy::take(file, GetParam());
  ASSERT_TRUE(copy);
  auto done = copy->each([](std::string_view) -> Result<void> { return fail(Errc::cancelled, "enough"); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::cancelled);
}

INSTANTIATE_TEST_SUITE_P(In, DatabaseCopies, testing::Values(DatabaseCopy::kMostInMemory, std::uint64_t{0}),
                         [](const auto& of) { return of.param == 0 ? "ANamelessFile" : "Memory"; });

}  // namespace
}  // namespace portalkey::database_copy_test
