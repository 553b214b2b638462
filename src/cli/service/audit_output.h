#pragma once

#include <string>
#include <vector>

#include "cli/terminal/output.h"
#include "service/audit/prune.h"
#include "service/audit/verify.h"

namespace portalkey {

/// Prints what verify found. `public_key`: of the folder's signing key; empty: it is not known.
void print_verification(const Verification& verification, const std::string& public_key, OutputFormat format);
void print_entries(const AuditPage& page, OutputFormat format);
void print_pruned(const PrunedTrail& pruned, bool dry_run, OutputFormat format);

}  // namespace portalkey
