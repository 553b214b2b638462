#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "vault/sealed_file.h"
#include "vault/secret_store.h"

namespace portalkey {

using PassphraseSource = std::function<Result<Secret>()>;

inline constexpr SealedKind kVaultFile{
    1, "the vault file",
    "Restore the file from a backup: it holds the session's refresh token. If there is none, run [[reset-session]], which "
    "sets the file aside, and then [[sign-in]].",
    "Check the passphrase, and that the right profile is used. If the passphrase is lost, choose a new one and run "
    "[[reset-session]], which sets aside what it does not open, and then [[sign-in]]."};

/// Where older copies of the file are noticed (vault/seen_writings.h), and who is told.
struct OldCopyWatch {
  std::filesystem::path record;
  std::function<void(const Error&)> tell;  ///< a warning: what, and what to do; once for each copy put back
};

/// The embedded default: one sealed file (vault/sealed_file.h) that holds every secret and its last `keep` versions. The
/// passphrase is asked for once, when first needed. Writers in several processes take turns (a lock file beside it).
std::unique_ptr<SecretStore> make_file_store(std::filesystem::path path, PassphraseSource passphrase, Clock& clock,
                                             std::size_t keep = 10, std::optional<OldCopyWatch> watch = std::nullopt);

}  // namespace portalkey
