// The contract on SQLite's file, and what the file holds.

#include <fstream>
#include <iterator>

#include "service/callers/callers_db.h"
#include "tests/service/callers/api_keys_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::sqlite_api_keys_test {
namespace {

struct SqliteKeys {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'800'000'000)};
  std::unique_ptr<ApiKeys> first = another();

  std::unique_ptr<ApiKeys> another() {
    auto opened = open_api_keys(folder / "service", clock);
    if (!opened) throw std::runtime_error(opened.error().what);
    return std::move(*opened);
  }
  ApiKeys& keys() { return *first; }
};

NewApiKey wish_at(WallTime now) { return {"flow", {Right::tokens_read}, {}, now + std::chrono::days(1)}; }

std::string shown_text(const CreatedApiKey& key) {
  return key.text.reveal([](std::string_view text) { return std::string(text); });
}

TEST(SqliteApiKeys, TheFileHoldsNoPartOfASecret) {
  SqliteKeys made;
  const auto key = made.keys().create(wish_at(made.clock.now()));
  ASSERT_TRUE(key);
  const std::string text = shown_text(*key);
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator(made.folder / "service")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    read += bytes.size();
    for (std::size_t at = 16; at + 10 <= text.size(); ++at)
      EXPECT_EQ(bytes.find(text.substr(at, 10)), std::string::npos) << entry.path() << " " << at;
  }
  EXPECT_GT(read, 4096U);
}

TEST(SqliteApiKeys, TheFileIsItsOwnersAlone) {
  SqliteKeys made;
  const auto mode = std::filesystem::status(made.folder / "service/callers.db").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all), std::filesystem::perms::none);
}

TEST(SqliteApiKeys, AKeySurvivesReopening) {
  SqliteKeys made;
  const auto key = made.keys().create(wish_at(made.clock.now()));
  ASSERT_TRUE(key);
  made.first.reset();
  EXPECT_TRUE(made.another()->find(shown_text(*key)));
}

TEST(SqliteApiKeys, ALimitThatIsNotUnderstoodIsNoLimitLess) {
  SqliteKeys made;
  const auto key = made.keys().create(wish_at(made.clock.now()));
  ASSERT_TRUE(key);
  auto db = open_callers_db(made.folder / "service", Durability::each_commit, made.clock);
  ASSERT_TRUE(db);
  for (const char* limits :
       {R"({"hours":"9-17"})", R"({"tenants":[]})", R"({"tokensADay":-1})", "[]", "", R"({"tenants":["a",1]})"}) {
    Query update(*db, "UPDATE api_key SET limits=?");
    ASSERT_TRUE(update.bind(limits).run());
    const auto found = made.keys().find(shown_text(*key));
    ASSERT_FALSE(found) << limits;
    EXPECT_EQ(found.error().code, Errc::corrupt);
    EXPECT_EQ(made.keys().list().error().code, Errc::corrupt);
  }
  const auto revoked = made.keys().revoke(key->key.id);
  ASSERT_TRUE(revoked);
  EXPECT_TRUE(revoked->revoked);
}

TEST(SqliteApiKeys, ARightThatIsNotKnownIsARightLess) {
  SqliteKeys made;
  const auto key = made.keys().create(wish_at(made.clock.now()));
  ASSERT_TRUE(key);
  auto db = open_callers_db(made.folder / "service", Durability::each_commit, made.clock);
  ASSERT_TRUE(db && db->run("UPDATE api_key SET rights='Tokens.Read Moon.Landing'"));
  EXPECT_EQ(made.keys().find(shown_text(*key))->rights, std::set{Right::tokens_read});
}

TEST(SqliteApiKeys, AFileOfANewerVersionIsLeftAlone) {
  SqliteKeys made;
  made.first.reset();
  {
    auto db = open_callers_db(made.folder / "service", Durability::each_commit, made.clock);
    ASSERT_TRUE(db && db->run("PRAGMA user_version=99"));
  }
  const auto opened = open_api_keys(made.folder / "service", made.clock);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid_input);
}

}  // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, ApiKeysContract, SqliteKeys);

}  // namespace portalkey::sqlite_api_keys_test
