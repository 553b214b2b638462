#include "entra/session/escrow.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/entra/session/escrow_contract.h"
#include "tests/temporary_folder.h"

namespace portalkey::escrow_test {
namespace {

EscrowedToken token() { return {Secret("0.AXtoken"), "version-1", "svc@contoso.com", from_unix_seconds(1767225600)}; }

struct InAFile {
  virtual ~InAFile() = default;
  virtual Escrow open() { return {folder / "escrow.sealed", std::nullopt}; }
  std::string bytes() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      std::ifstream in(entry.path(), std::ios::binary);
      all += std::string{std::istreambuf_iterator<char>(in), {}};
    }
    return all;
  }
  const TemporaryFolder folder;
};
struct UnderAPassphrase : InAFile {
  Escrow open() override {
    return {folder / "escrow.sealed", [] { return Result<Secret>(Secret("five words taken at random")); }};
  }
};
INSTANTIATE_TYPED_TEST_SUITE_P(InAFile, EscrowContract, InAFile);
INSTANTIATE_TYPED_TEST_SUITE_P(UnderAPassphrase, EscrowContract, UnderAPassphrase);

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
