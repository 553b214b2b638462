#pragma once

#include "vault/sealed_file.h"

namespace portalkey {

inline constexpr SealedKind kJournalKeyFile{
    3, "the journal's key file",
    "Restore the file from a backup: it holds the key of the secret keys that wait in unfinished jobs. If there is none, run "
    "[[reset-session]], which sets the file aside, and import the seed files of unfinished jobs again: what the tenant "
    "has "
    "already is left as it is.",
    "It is sealed with the vault's passphrase at the time of the first import. Check the passphrase, and that the right "
    "profile "
    "is used. If that passphrase is lost, run [[reset-session]], which sets aside what the present one does not open, "
    "and "
    "import the seed files of unfinished jobs again: what the tenant has already is left as it is."};

}  // namespace portalkey
