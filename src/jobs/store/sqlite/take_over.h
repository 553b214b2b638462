#pragma once

#include "jobs/store/sqlite/journal_seal.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// Binds what an older version, which bound secret keys to their job and row and nothing else, wrote into the journal. Whether
/// that was altered before nobody can tell, but for the secret keys: a row whose key does not open stays unbound, and is
/// refused. To be called inside a transaction.
Result<void> take_over(Sqlite& db, const JournalSeal& seal);

}  // namespace portalkey
