#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "vault/secret_store.h"

namespace portalkey {

using PassphraseSource = std::function<Result<Secret>()>;

/// The embedded default: one sealed file (vault/sealed_file.h) that holds every secret and its last `keep` versions. The
/// passphrase is asked for once, when first needed. Writers in several processes take turns (a lock file beside it).
std::unique_ptr<SecretStore> make_file_store(std::filesystem::path path, PassphraseSource passphrase, Clock& clock,
                                             std::size_t keep = 10);

}  // namespace portalkey
