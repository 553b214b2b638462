#include "entra/session/escrow.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/temporary_folder.h"

namespace portalkey::escrow_test {
namespace {

EscrowedToken token() { return {Secret("0.AXtoken"), "version-1", "svc@contoso.com", from_unix_seconds(1767225600)}; }

TEST(Escrow, KeepsWhatItIsGivenUntilCleared) {
  const TemporaryFolder folder;
  Escrow escrow(folder / "escrow.sealed", std::nullopt);
  EXPECT_FALSE(escrow.exists());
  ASSERT_TRUE(escrow.save(token()));
  auto loaded = Escrow(folder / "escrow.sealed", std::nullopt).load();
  ASSERT_TRUE(loaded && *loaded);
  EXPECT_EQ((*loaded)->refresh_token.reveal([](std::string_view t) { return std::string(t); }), "0.AXtoken");
  EXPECT_EQ((*loaded)->successor_of, "version-1");
  EXPECT_EQ((*loaded)->account, "svc@contoso.com");
  EXPECT_EQ((*loaded)->obtained, from_unix_seconds(1767225600));
  ASSERT_TRUE(escrow.clear());
  EXPECT_FALSE(*escrow.load());
}

TEST(Escrow, IsSealedOnDisk) {
  const TemporaryFolder folder;
  Escrow escrow(folder / "escrow.sealed", std::nullopt);
  ASSERT_TRUE(escrow.save(token()));
  std::ifstream in(folder / "escrow.sealed", std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(bytes.find("0.AXtoken"), std::string::npos);
  EXPECT_EQ(bytes.find("contoso"), std::string::npos);
}

TEST(Escrow, AFileThatCannotBeOpenedIsMovedAsideNotLost) {
  for (const char* damage : {"truncated", "key gone"}) {
    const TemporaryFolder folder;
    Escrow escrow(folder / "escrow.sealed", std::nullopt);
    ASSERT_TRUE(escrow.save(token()));
    if (damage == std::string("truncated")) {
      std::filesystem::resize_file(folder / "escrow.sealed", 20);
    } else {
      std::filesystem::remove(folder / "escrow.sealed.key");
    }
    auto loaded = escrow.load();
    ASSERT_TRUE(loaded) << damage;
    EXPECT_FALSE(*loaded) << damage;
    EXPECT_FALSE(escrow.exists());
    bool aside = false;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      aside |= entry.path().string().find("unreadable") != std::string::npos;
    EXPECT_TRUE(aside) << damage;
  }
}

TEST(Escrow, AWrongPassphraseIsAnErrorAndKeepsTheFile) {
  const TemporaryFolder folder;
  Escrow right(folder / "escrow.sealed", [] { return Result<Secret>(Secret("right")); });
  ASSERT_TRUE(right.save(token()));
  Escrow wrong(folder / "escrow.sealed", [] { return Result<Secret>(Secret("wrong")); });
  const auto refused = wrong.load();
  EXPECT_EQ(refused.error().code, Errc::unauthenticated);
  EXPECT_EQ(refused.error().what, "the passphrase does not open the escrow");
  EXPECT_NE(refused.error().remedy.find("[[reset-session]]"), std::string::npos);
  auto loaded = right.load();
  ASSERT_TRUE(loaded && *loaded);
}

}  // namespace
}  // namespace portalkey::escrow_test
