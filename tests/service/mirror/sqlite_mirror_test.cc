#include "service/mirror/sqlite_mirror.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/service/mirror/mirror_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::sqlite_mirror_test {

using mirror_contract::soon;
using mirror_contract::token_of;

class SqliteWorld {
 public:
  SqliteWorld() { reopen(); }
  void reopen() {
    mirror_.reset();
    auto opened = open_mirror(folder_.path() / "state", clock_);
    if (!opened) throw std::runtime_error(opened.error().what);
    mirror_ = std::move(*opened);
  }
  Mirror& mirror() { return *mirror_; }
  ManualClock& clock() { return clock_; }
  std::filesystem::path file() const { return folder_.path() / "state/mirror.db"; }
  void close() { mirror_.reset(); }

 private:
  TemporaryFolder folder_;
  ManualClock clock_{from_unix_seconds(1'790'000'000)};
  std::unique_ptr<Mirror> mirror_;
};

}  // namespace portalkey::sqlite_mirror_test

namespace portalkey::mirror_contract {
INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, MirrorContract, sqlite_mirror_test::SqliteWorld);
}

namespace portalkey::sqlite_mirror_test {

TEST(SqliteMirror, isThereAgainAfterARestart) {
  SqliteWorld world;
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "1"), token_of("T2", "2")};
  ASSERT_TRUE(world.mirror().refresh("one", directory, soon(world.clock()), {}));
  MirrorQuery query;
  query.most = 1;
  query.after = world.mirror().page("one", query)->next;
  world.reopen();
  EXPECT_EQ(world.mirror().page("one", query)->tokens.at(0).serial, "T2");
}

TEST(SqliteMirror, aDamagedFileIsMovedAsideAndBegunAnew) {
  SqliteWorld world;
  world.close();
  std::ofstream(world.file(), std::ios::trunc) << std::string(8192, 'x');
  world.reopen();
  ListedDirectory directory;
  directory.tokens = {token_of("T1", "1")};
  ASSERT_TRUE(world.mirror().refresh("one", directory, soon(world.clock()), {}));
  EXPECT_TRUE(std::filesystem::exists(world.file().string() + ".1790000000"));
}

TEST(SqliteMirror, damageThatIsMetLaterIsNoEnd) {
  SqliteWorld world;
  ListedDirectory directory;
  for (int i = 0; i < 3000; ++i) directory.tokens.push_back(token_of("T" + std::to_string(i), std::to_string(i)));
  ASSERT_TRUE(world.mirror().refresh("one", directory, soon(world.clock()), {}));
  world.close();
  {
    std::fstream file(world.file(), std::ios::in | std::ios::out | std::ios::binary);
    for (std::size_t at = 4096 * 20; at + 4096 < std::filesystem::file_size(world.file()); at += 4096) {
      file.seekp(static_cast<std::streamoff>(at));
      file << std::string(4096, 'x');
    }
  }
  world.reopen();
  MirrorQuery query;
  query.most = 5000;
  EXPECT_EQ(world.mirror().page("one", query).error().code, Errc::not_found);
  ASSERT_TRUE(world.mirror().refresh("one", directory, soon(world.clock()), {}));
  EXPECT_EQ(world.mirror().page("one", query)->tokens.size(), 3000U);
}

TEST(SqliteMirror, readersSeeOneReadingOrTheOtherAndNeverHalf) {
  SqliteWorld world;
  ListedDirectory even, odd;
  for (int i = 0; i < 400; ++i) {
    even.tokens.push_back(token_of("T" + std::to_string(i), "e" + std::to_string(i)));
    odd.tokens.push_back(token_of("T" + std::to_string(i), "o" + std::to_string(i)));
  }
  ASSERT_TRUE(world.mirror().refresh("one", even, soon(world.clock()), {}));
  std::atomic<bool> over = false;
  std::atomic<int> read = 0;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i)
    readers.emplace_back([&] {
      MirrorQuery query;
      query.most = 1000;
      while (!over) {
        const auto page = world.mirror().page("one", query);
        ASSERT_TRUE(page) << page.error().what;
        ASSERT_EQ(page->tokens.size(), 400U);
        for (const auto& token : page->tokens) ASSERT_EQ(token.oath_id[0], page->tokens[0].oath_id[0]);
        ++read;
      }
    });
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(world.mirror().refresh("one", i % 2 == 0 ? odd : even, soon(world.clock()), {}));
  over = true;
  readers.clear();
  EXPECT_GT(read, 0);
}

}  // namespace portalkey::sqlite_mirror_test
