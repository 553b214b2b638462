#include "vault/file_store.h"

#include "tests/temporary_folder.h"
#include "tests/vault/secret_store_contract.h"

namespace portalkey {
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

}  // namespace
}  // namespace portalkey
