#pragma once

#include "service/audit/audit_trail.h"

namespace portalkey {

struct AuditPruning {
  WallTime older_than{};
  bool dry_run = false;
  AuditEvent by;  ///< who prunes: its caller's fields stand in the entries about it
};

struct PrunedTrail {
  std::int64_t entries = 0;  ///< that are gone, or would be
  std::int64_t through = 0;  ///< the last of them; 0: none
};

/// Removes the oldest entries, up to the first that is not older, and leaves a signed stub from which the chain goes on. What
/// goes is verified first; that it is about to go and went are entries of their own. corrupt: it does not verify; nothing is
/// removed, for that would hide it.
Result<PrunedTrail> prune(AuditTrail& trail, const SigningKey& key, Clock& clock, const AuditPruning& pruning);

}  // namespace portalkey
