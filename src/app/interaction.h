#pragma once
// What takes a person. A terminal shows and asks (cli/terminal/terminal_interaction.h); where nobody is there it is refused
// (app/unattended.h).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "entra/credentials/browser_sign_in.h"
#include "entra/oauth/token_endpoint.h"
#include "jobs/model/progress.h"

namespace portalkey {

/// A sign-in that somebody is asked for.
struct SignIn {
  std::string who;                 ///< as whom: a UPN, or such as `the service account`
  std::filesystem::path folder;    ///< of our own, for a page that a browser is started with
  std::uint16_t sandbox_port = 0;  ///< where on this machine the sandbox's page is; 0: it is Entra's
};

struct PassphraseWanted {
  std::string opens;   ///< `the vault file`
  bool fresh = false;  ///< there is no such file yet, so a slip of the finger would seal it for ever
};

/// Every call may come from any thread, and several may come at once.
class Interaction {
 public:
  virtual ~Interaction() = default;

  /// Whether somebody would see a sign-in that is asked for, so that a credential may fall back on one.
  virtual bool somebody_there() const = 0;
  /// Returns at once; whoever asked polls for the sign-in. needs_person: nobody sees it.
  virtual Result<void> show_device_code(const DeviceCode& code, const SignIn& sign_in) = 0;
  /// Shows the address of a sign-in page, for that person's eyes only, and opens it if it can. What is returned must be kept
  /// until the sign-in is over. needs_person: nobody sees it.
  virtual Result<ShownSignIn> open_browser(const SignInPage& page, const SignIn& sign_in) = 0;
  /// Not empty. cancelled: whoever was asked broke off. invalid_input: nobody can be asked, or two answers differ.
  virtual Result<Secret> ask_passphrase(const PassphraseWanted& wanted) = 0;
  /// Something that somebody should know, though nothing failed by it.
  virtual void warn(std::string_view what) = 0;
  /// Told of by one thread. It must not outlive the Interaction.
  virtual std::unique_ptr<Progress> progress() = 0;
};

}  // namespace portalkey
