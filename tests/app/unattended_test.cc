#include "app/unattended.h"

#include <gtest/gtest.h>

namespace portalkey::unattended_test {
namespace {

const SignIn kServiceAccount{"the service account", {}, 0};

TEST(Unattended, ASignInIsRefusedAndSaysAsWhom) {
  Unattended nobody;
  EXPECT_FALSE(nobody.somebody_there());
  const auto shown = nobody.show_device_code({}, kServiceAccount);
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().code, Errc::needs_person);
  EXPECT_EQ(shown.error().what, "somebody would have to sign in the service account, and nobody is there");
  const auto page = nobody.open_browser({"https://login.microsoftonline.com/?state=secret", 1}, kServiceAccount);
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().code, Errc::needs_person);
  EXPECT_FALSE((page.error().what + page.error().remedy).contains("state"));
}

TEST(Unattended, APassphraseIsASettingThatIsMissing) {
  const auto asked = Unattended().ask_passphrase({"the vault file", true});
  ASSERT_FALSE(asked);
  EXPECT_EQ(asked.error().code, Errc::invalid_input);
  EXPECT_EQ(asked.error().what, "the vault file needs a passphrase, and nobody is there to ask");
  EXPECT_TRUE(asked.error().remedy.contains("passphrase_file"));
}

TEST(Unattended, ProgressIsToldToNobody) {
  Unattended nobody;
  const auto progress = nobody.progress();
  progress->phase("uploading");
  progress->step(1, 2, std::chrono::seconds(1));
  progress->next_slot({});
}

}  // namespace
}  // namespace portalkey::unattended_test
