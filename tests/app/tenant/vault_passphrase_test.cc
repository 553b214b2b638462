#include "app/tenant/vault_passphrase.h"

#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "app/unattended.h"
#include "tests/app/somebody.h"
#include "tests/temporary_folder.h"

namespace portalkey::vault_passphrase_test {
namespace {

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

struct World {
  TemporaryFolder folder;
  Somebody person;
  SealedFiles files{folder / "default.vault", folder / "jobs.key", {}, true};
  VaultPassphrase passphrase(std::vector<std::pair<std::string, std::string>> variables = {}) {
    return VaultPassphrase(files, environment_of(std::move(variables)), person);
  }
  void make(const char* name, const std::string& content) {
    std::ofstream(folder / name) << content;
    std::filesystem::permissions(folder / name, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
};

TEST(VaultPassphrase, TheProfilesFileGoesFirstThenTheEnvironmentThenAPerson) {
  World world;
  world.make("profile", "from the profile's file\n");
  world.make("named", "from the file that is named\r\n");
  world.make("default.vault", "sealed");
  const std::string named = (world.folder / "named").string();
  EXPECT_EQ(text(*world.passphrase().get()), "five words taken at random");
  EXPECT_EQ(text(*world.passphrase({{"PORTALKEY_PASSPHRASE", "from the environment"}}).get()), "from the environment");
  EXPECT_EQ(text(*world.passphrase({{"PORTALKEY_PASSPHRASE", "x"}, {"PORTALKEY_PASSPHRASE_FILE", named}}).get()),
            "from the file that is named");
  world.files.passphrase_file = world.folder / "profile";
  EXPECT_EQ(text(*world.passphrase({{"PORTALKEY_PASSPHRASE_FILE", named}}).get()), "from the profile's file");
  EXPECT_EQ(world.person.seen, (std::vector<std::string>{"passphrase of the vault file"}));
}

TEST(VaultPassphrase, IsAskedForOnceWhoeverNeedsIt) {
  World world;
  world.make("default.vault", "sealed");
  auto passphrase = world.passphrase();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_TRUE(passphrase.get()); });
  }
  EXPECT_EQ(world.person.seen.size(), 1u);
}

TEST(VaultPassphrase, AWeakOneMakesNoFileAndIsToldOfOneThatIsThere) {
  World world;
  world.person.passphrase = "short";
  auto fresh = world.passphrase().get();
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().what, "the passphrase is too weak for a new vault file: it is shorter than 12 characters");
  world.make("default.vault", "sealed");
  EXPECT_TRUE(world.passphrase().get());
  EXPECT_EQ(world.person.seen.back(),
            "warning: the vault file's passphrase is weak: it is shorter than 12 characters; whoever gets a copy of the file "
            "can try passphrases for as long as they like");
  EXPECT_EQ(weakness_of(Secret("abababababababab")), "it has fewer than 5 different characters");
}

TEST(VaultPassphrase, WithoutASessionTheJournalsKeyMayBeAllThatIsSealed) {
  World world;
  world.make("jobs.key", "sealed");
  ASSERT_TRUE(world.passphrase().get());
  EXPECT_EQ(world.person.seen.back(), "new passphrase for the vault file");
  world.files.session = false;
  ASSERT_TRUE(world.passphrase().get());
  EXPECT_EQ(world.person.seen.back(), "passphrase of the vault file");
}

TEST(VaultPassphrase, WhereNobodyIsThereItMustBeSet) {
  World world;
  Unattended nobody;
  EXPECT_EQ(VaultPassphrase(world.files, environment_of({}), nobody).get().error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::vault_passphrase_test
