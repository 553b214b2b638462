#pragma once

#include "base/error.h"

namespace portalkey {

class Sqlite;

/// Once for each journal: what was kept of services' words before they all came in through base/foreign_text.h goes through it
/// now, and the file is rewritten so that no freed page holds the old text. Rows that are clean stay as they are. Where another
/// process holds the file meanwhile, the next start does it. Not within a transaction.
Result<void> clean_reasons(Sqlite& db);

}  // namespace portalkey
