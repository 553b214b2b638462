#pragma once

#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "service/audit/audit_log.h"

namespace portalkey {

/// The trail in `FOLDER/audit.db`, made if it is not there; the folder must be, and be ours alone. Several processes may have
/// it open: each write goes on from what is there then. corrupt: the trail no longer has what this process wrote.
Result<std::unique_ptr<AuditLog>> open_audit_log(const std::filesystem::path& folder, Clock& clock);

}  // namespace portalkey
