#include "app/unattended.h"

#include <fmt/format.h>

#include "base/log.h"

namespace portalkey {
namespace {

constexpr const char* kAnotherCredential = "Give the profile a credential that asks nobody (docs/profiles.md).";

std::unexpected<Error> nobody_signs_in(const SignIn& sign_in) {
  return fail(Errc::needs_person, fmt::format("somebody would have to sign in {}, and nobody is there", sign_in.who),
              kAnotherCredential);
}

class Untold final : public Progress {
 public:
  void phase(std::string_view) override {}
  void step(std::size_t, std::size_t, std::chrono::seconds, std::string_view) override {}
};

}  // namespace

Result<void> Unattended::show_device_code(const DeviceCode&, const SignIn& sign_in) { return nobody_signs_in(sign_in); }

Result<ShownSignIn> Unattended::open_browser(const SignInPage&, const SignIn& sign_in) { return nobody_signs_in(sign_in); }

Result<Secret> Unattended::ask_passphrase(const PassphraseWanted& wanted) {
  return fail(Errc::invalid_input, fmt::format("{} needs a passphrase, and nobody is there to ask", wanted.opens),
              "Set vault.passphrase_file in the profile, or PORTALKEY_PASSPHRASE_FILE.");
}

void Unattended::warn(std::string_view what) { log(LogLevel::warning, what); }

std::unique_ptr<Progress> Unattended::progress() { return std::make_unique<Untold>(); }

}  // namespace portalkey
