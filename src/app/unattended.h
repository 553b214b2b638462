#pragma once
// Nobody is there: what takes a person is refused, and warnings are logged.

#include "app/interaction.h"

namespace portalkey {

class Unattended final : public Interaction {
 public:
  bool somebody_there() const override { return false; }
  Result<void> show_device_code(const DeviceCode& code, const SignIn& sign_in) override;
  Result<ShownSignIn> open_browser(const SignInPage& page, const SignIn& sign_in) override;
  Result<Secret> ask_passphrase(const PassphraseWanted& wanted) override;
  void warn(std::string_view what) override;
  std::unique_ptr<Progress> progress() override;
};

}  // namespace portalkey
