#pragma once
// The tables of audit.db.

#include "base/clock.h"
#include "sqlite/sqlite.h"

namespace portalkey {

inline constexpr StoreWords kAuditWords{"the audit trail",
                                        "Keep the file for whoever looks into it, and restore the trail from a backup.",
                                        "Make room on the disk, or repair it: what cannot be written down is not done."};

/// Makes the tables and the beginning of a new trail, or brings those of an older version up to date. invalid_input: a newer
/// portalkey wrote them.
Result<void> prepare_audit_layout(Sqlite& db, Clock& clock);
/// The settings that every connection needs.
Result<void> set_up_audit_connection(Sqlite& db);

}  // namespace portalkey
