#pragma once

#include <mutex>

#include "app/interaction.h"
#include "base/clock.h"

namespace portalkey {

/// The person at the terminal: shown on standard error, asked on the process's own terminal, whatever standard input is.
class TerminalInteraction final : public Interaction {
 public:
  /// Whether a sign-in may be asked for even where standard error is no terminal.
  enum class Person { if_terminal, expected };
  explicit TerminalInteraction(Person person = Person::if_terminal) : person_(person) {}

  bool somebody_there() const override;
  Result<void> show_device_code(const DeviceCode& code, const SignIn& sign_in) override;
  Result<ShownSignIn> open_browser(const SignInPage& page, const SignIn& sign_in) override;
  Result<Secret> ask_passphrase(const PassphraseWanted& wanted) override;
  void warn(std::string_view what) override;
  std::unique_ptr<Progress> progress() override;

 private:
  Person person_;
  SystemClock clock_;
  std::mutex asking_;  // one question at a time
};

}  // namespace portalkey
