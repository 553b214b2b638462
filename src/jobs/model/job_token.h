#pragma once

#include <string>

#include "jobs/model/token_change.h"
#include "jobs/model/token_outcome.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// A row of a job. `seed` has no secret key once it is wiped.
struct JobToken {
  TokenSeed seed;
  TokenOutcome outcome;
  TokenChange change = TokenChange::create;
  std::string from;         ///< of what is taken away: whose it is, so that nobody else loses it; empty: not known
  std::string replaced_by;  ///< of remove: a serial number; this one goes when that one is active
};

}  // namespace portalkey
