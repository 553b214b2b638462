#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "service/audit/audit_trail.h"

namespace portalkey {

inline constexpr const char* kAuditFile = "audit.db";

enum class MissingTrail { made, not_found };

/// The trail in `FOLDER/audit.db`; the folder must be there, and be ours alone. Several processes may have it open: each write
/// goes on from what is there then. A write is corrupt if the trail no longer has what this process wrote.
Result<std::unique_ptr<AuditTrail>> open_audit_log(const std::filesystem::path& folder, Clock& clock,
                                                   MissingTrail missing = MissingTrail::made);

}  // namespace portalkey
