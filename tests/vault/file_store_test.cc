#include "vault/file_store.h"

#include <fstream>

#include "tests/temporary_folder.h"
#include "tests/vault/secret_store_contract.h"

namespace portalkey::file_store_test {
namespace {

struct FreshFileStore {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::unique_ptr<SecretStore> opened =
      make_file_store(folder / "deep/vault.sealed", [] { return Result<Secret>(Secret("correct horse")); }, clock);
  SecretStore& store() { return *opened; }
  void pass_a_second() { clock.advance(std::chrono::seconds(1)); }
  Deadline deadline() { return Deadline::in(std::chrono::minutes(1), clock); }
};
INSTANTIATE_TYPED_TEST_SUITE_P(File, SecretStoreContract, FreshFileStore);

TEST(FileStore, AWrongPassphraseIsSaidAndChangesNothing) {
  FreshFileStore fresh;
  ASSERT_TRUE(fresh.store().put("RefreshToken", Secret("one"), {}, fresh.deadline()));
  auto wrong = make_file_store(fresh.folder / "deep/vault.sealed", [] { return Result<Secret>(Secret("wrong")); }, fresh.clock);
  EXPECT_EQ(wrong->get("RefreshToken", fresh.deadline()).error().code, Errc::unauthenticated);
  EXPECT_EQ(wrong->put("RefreshToken", Secret("two"), {}, fresh.deadline()).error().code, Errc::unauthenticated);
  EXPECT_EQ(shown(fresh.store().get("RefreshToken", fresh.deadline())->value), "one");
}

TEST(FileStore, KeepsTenVersionsAtMost) {
  FreshFileStore fresh;
  for (int i = 0; i < 12; ++i)
    ASSERT_TRUE(fresh.store().put("RefreshToken", Secret(std::string(10'000, 'x')), {}, fresh.deadline()));
  EXPECT_LT(std::filesystem::file_size(fresh.folder / "deep/vault.sealed"), 11u * 10'300);
  EXPECT_GT(std::filesystem::file_size(fresh.folder / "deep/vault.sealed"), 9u * 10'000);
}

/// A store whose older copies are noticed, as a process opens it.
struct Watched {
  TemporaryFolder folder;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  std::filesystem::path vault = folder / "data/the.vault";
  std::vector<std::string> told;

  std::unique_ptr<SecretStore> open(const char* state = "state", const char* passphrase = "correct horse") {
    return make_file_store(
        vault, [passphrase] { return Result<Secret>(Secret(passphrase)); }, clock, 10,
        OldCopyWatch{folder / state / "vault.seen", [this](const Error& found) { told.push_back(found.what); }});
  }
  Deadline deadline() { return Deadline::in(std::chrono::minutes(1), clock); }
  void put(const char* value) { ASSERT_TRUE(open()->put("RefreshToken", Secret(value), {}, deadline())); }
  /// What opening it tells.
  std::vector<std::string> look(const char* state = "state") {
    told.clear();
    EXPECT_TRUE(open(state)->get("RefreshToken", deadline()));
    return told;
  }
  std::filesystem::path copy(const char* name) {
    std::filesystem::copy_file(vault, folder / name);
    return folder / name;
  }
  void put_back(const std::filesystem::path& copy) {
    std::filesystem::copy_file(copy, vault, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::permissions(vault, std::filesystem::perms(0600));
  }
};

TEST(FileStore, AnOlderCopyPutBackIsToldOnceAndUsed) {
  Watched watched;
  watched.put("one");
  const auto first = watched.copy("first");
  watched.put("two");
  watched.put("three");
  const auto third = watched.copy("third");
  EXPECT_TRUE(watched.look().empty());
  watched.put_back(first);
  const auto told = watched.look();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0], "the vault file is an older copy: it is writing 1 of this file, and writing 3 was seen here before");
  EXPECT_TRUE(watched.look().empty()) << "told twice";
  watched.put("four");
  EXPECT_TRUE(watched.look().empty());
  watched.put_back(third);
  EXPECT_TRUE(watched.look().empty()) << "newer than what was seen since";
  watched.put_back(first);
  EXPECT_EQ(watched.look().size(), 1u) << "another event";
}

TEST(FileStore, AWriterIsToldToo) {
  Watched watched;
  watched.put("one");
  const auto first = watched.copy("first");
  watched.put("two");
  watched.put_back(first);
  watched.told.clear();
  watched.put("three");
  EXPECT_EQ(watched.told.size(), 1u);
  EXPECT_TRUE(watched.look().empty());
}

TEST(FileStore, AFreshStateFolderKnowsNothingAndAnotherFileIsNoOldCopy) {
  Watched watched;
  watched.put("one");
  const auto first = watched.copy("first");
  watched.put("two");
  watched.put_back(first);
  EXPECT_TRUE(watched.look("another").empty());
  std::filesystem::remove(watched.vault);
  watched.told.clear();
  watched.put("of a new file");
  EXPECT_TRUE(watched.told.empty());
  watched.put_back(first);
  const auto told = watched.look();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("whose place another one had taken"), std::string::npos) << told[0];
}

TEST(FileStore, AFileOfTheLayoutBeforeIsTakenOverAndThenAnOlderCopy) {
  Watched watched;
  std::filesystem::create_directories(watched.vault.parent_path());
  const std::filesystem::path before = TEST_DATA "/vault/before.vault";
  const char* passphrase = "old secret";
  watched.put_back(before);
  const auto get = [&] { return watched.open("state", passphrase)->get("RefreshToken", watched.deadline()); };
  auto got = get();
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(shown(got->value), "0.AXmade-up-and-good-for-nothing");
  ASSERT_TRUE(watched.open("state", passphrase)->put("RefreshToken", Secret("next"), {}, watched.deadline()));
  EXPECT_TRUE(watched.told.empty());
  watched.put_back(before);
  ASSERT_TRUE(get());
  ASSERT_EQ(watched.told.size(), 1u);
  EXPECT_NE(watched.told[0].find("older copy"), std::string::npos);
}

TEST(FileStore, ADamagedRecordOfWritingsStandsInNobodysWay) {
  Watched watched;
  watched.put("one");
  for (const char* rubbish : {"", "{", "[]", R"({"x":1})", R"({"x":{"id":7}})"}) {
    std::ofstream(watched.folder / "state/vault.seen", std::ios::trunc) << rubbish;
    EXPECT_TRUE(watched.look().empty()) << rubbish;
  }
}

}  // namespace
}  // namespace portalkey::file_store_test
