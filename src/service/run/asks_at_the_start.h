#pragma once

#include <atomic>

#include "app/unattended.h"

namespace portalkey {

/// For who is there at the start: afterwards nobody is.
class AsksAtTheStart final : public Interaction {
 public:
  explicit AsksAtTheStart(Interaction& asks) : asks_(asks) {}
  void started() { serving_ = true; }

  bool somebody_there() const override { return false; }
  Result<void> show_device_code(const DeviceCode& code, const SignIn& sign_in) override {
    return nobody_.show_device_code(code, sign_in);
  }
  Result<ShownSignIn> open_browser(const SignInPage& page, const SignIn& sign_in) override {
    return nobody_.open_browser(page, sign_in);
  }
  Result<Secret> ask_passphrase(const PassphraseWanted& wanted) override {
    return serving_ ? nobody_.ask_passphrase(wanted) : asks_.ask_passphrase(wanted);
  }
  void warn(std::string_view what) override { nobody_.warn(what); }
  std::unique_ptr<Progress> progress() override { return nobody_.progress(); }

 private:
  Interaction& asks_;
  Unattended nobody_;
  std::atomic<bool> serving_ = false;
};

}  // namespace portalkey
