#pragma once
// The one passphrase that seals a profile's files: the vault file, the escrow, the key of the journal.

#include <filesystem>
#include <mutex>
#include <string>

#include "app/interaction.h"
#include "entra/credentials/environment.h"

namespace portalkey {

/// What is wrong with a passphrase for a file that is made now; empty: nothing. Whoever has a copy of the file can try
/// passphrases for as long as they like, so it must be long: 12 characters, and not made of three or four of them again and
/// again.
std::string weakness_of(const Secret& passphrase);

struct SealedFiles {
  std::filesystem::path vault;
  std::filesystem::path journal_key;
  std::filesystem::path passphrase_file;  ///< what the profile names; empty: nothing
  bool session = true;                    ///< the vault file is needed for one; otherwise the journal's key may be all there is
};

/// Asked for when it is first needed, and kept. Threads may share it: while one asks, the others wait.
class VaultPassphrase {
 public:
  VaultPassphrase(SealedFiles files, Environment environment, Interaction& interaction)
      : files_(std::move(files)), environment_(std::move(environment)), interaction_(interaction) {}

  /// From the profile's file, else the file that PORTALKEY_PASSPHRASE_FILE names, else PORTALKEY_PASSPHRASE, else a person.
  /// invalid_input: there is none, or it is too weak for a file that is made with it.
  Result<Secret> get();

 private:
  Result<Secret> read(bool fresh);
  Result<Secret> judged();

  SealedFiles files_;
  Environment environment_;
  Interaction& interaction_;
  std::mutex mutex_;
  Secret kept_;  // empty: not asked for yet
};

}  // namespace portalkey
