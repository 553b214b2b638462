#pragma once

#include <string>

#include "jobs/model/token_change.h"
#include "jobs/model/token_outcome.h"

namespace portalkey {

/// What one job did to one token, or was to do.
struct TokenEvent {
  std::string job, kind, backend;  ///< of the job
  WallTime begun;                  ///< the job
  TokenChange change = TokenChange::create;
  TokenOutcome outcome;
  std::string from;         ///< whose it was, of what is taken away; empty: not known
  std::string replaced_by;  ///< a serial number; empty: none
};

}  // namespace portalkey
