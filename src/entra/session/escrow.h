#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "entra/session/sign_in_record.h"
#include "vault/sealed_file.h"

namespace portalkey {

/// A refresh token that Entra has given and the vault has not confirmed yet.
struct EscrowedToken {
  Secret refresh_token;
  std::string successor_of;  ///< the vault version that was redeemed for it; empty if there was none
  std::string account;       ///< UPN, for messages and tags
  WallTime obtained;
  std::string roles;  ///< of the account, by name, for tags; may be empty
  SignInRecord sign_in;
};

inline constexpr SealedKind kEscrowFile{
    2, "the escrow",
    "It held a refresh token that the vault had not confirmed. The vault's own is used instead; if Entra refuses that one, run "
    "[[sign-in]].",
    "It holds a refresh token that the vault has not confirmed, and is sealed with the vault's passphrase at that time. Check "
    "the "
    "passphrase, and that the right profile is used. If that passphrase is lost, run [[reset-session]], which sets aside "
    "what the present one does not open; if Entra then refuses the vault's refresh token, or there is no vault file any more, "
    "[[sign-in]]."};

/// The sealed file that holds a new refresh token until the vault has it. To be used under the session's lock.
/// It is sealed with the vault's passphrase where the profile has one; otherwise with random bytes in a file beside it (mode
/// 0600), and then protects against nothing that can read that folder: it exists for the moment between redeeming and storing,
/// or until a vault that failed answers again.
class Escrow {
 public:
  using PassphraseSource = std::function<Result<Secret>()>;
  Escrow(std::filesystem::path path, std::optional<PassphraseSource> passphrase);

  bool exists() const;
  /// Empty if there is none. A file that cannot be opened any more (damaged, its key gone) is moved aside, not removed, and
  /// said so in the log, by its name and with what it held; a wrong passphrase is an error.
  Result<std::optional<EscrowedToken>> load();
  /// Durable on return.
  Result<void> save(const EscrowedToken& token);
  Result<void> clear();

 private:
  Result<std::optional<EscrowedToken>> set_aside(const Error& why);

  std::filesystem::path path_;
  std::optional<PassphraseSource> passphrase_;
};

}  // namespace portalkey
