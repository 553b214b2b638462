#pragma once
// The file of the journal's key, `jobs.key`.
//
// It is sealed with the vault's passphrase where the profile has one; otherwise it has mode 0600 and protects against nothing
// that can read its folder. Its contents begin with a mark that says that the rows of the journal are bound to it. A file of
// an older portalkey has the key alone: then the journal is taken over, and the file written anew with the mark. So a journal
// that was altered and made to look like an old one is not taken over: its key knows better.

#include <filesystem>
#include <functional>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "jobs/store/sqlite/journal_seal.h"

namespace portalkey {

using PassphraseSource = std::function<Result<Secret>()>;

enum class MissingKey { make, refuse };

/// Reads the key. If there is none it is made, once, whoever else does the same at this moment; or that is corrupt, where rows
/// are there that it should vouch for. `take_over` binds what an older version wrote.
Result<JournalSeal> open_journal_key(const std::filesystem::path& file, const std::optional<PassphraseSource>& passphrase,
                                     MissingKey missing, const std::function<Result<void>(const JournalSeal&)>& take_over,
                                     Clock& clock);

}  // namespace portalkey
