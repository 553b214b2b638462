#pragma once
// Tokens that the tenant has and that are not active: with codes computed from their seed file, or with one that a device
// shows.

#include <string>
#include <vector>

#include "app/operations/device_clocks.h"
#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"

namespace portalkey {

struct SeedActivation {
  SeedInput seeds;
  std::vector<std::string> serials;  ///< only these; empty: every one of the file
  std::string clocks;                ///< a list of codes that were read from the devices; empty: none
  ReadCodes codes;                   ///< what the only one of `serials` shows now; empty: not given
  JobTerms terms;
};

/// A serial number that the file writes otherwise is taken for it, and that is warned of. A token whose device's clock is
/// known, by codes or by the file, is activated with the code for the device's time. invalid_input: `codes` do not tell it, or
/// Entra would not follow it.
Result<JobOutcome> activate_from_seeds(Tenant& tenant, const SeedActivation& wanted);

struct CodeActivation {
  std::string serial;
  std::string code;  ///< what the device shows: good for a minute or so, and once
  bool dry_run = false;
};

/// No job: a code is of no use a minute later. A code that is refused is the token's failure. not_found: the tenant has no such
/// token.
Result<TokenOutcome> activate_with_code(Tenant& tenant, const CodeActivation& wanted);

}  // namespace portalkey
