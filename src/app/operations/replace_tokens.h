#pragma once

#include <string>

#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"

namespace portalkey {

/// One user's token, or a list of them.
struct TokenReplacements {
  SeedInput seeds;  ///< has the new tokens; its columns may name the list's, too
  std::string upn, old_serial, new_serial;
  std::string list;  ///< who gets which new token for which old one; empty: the three above
  JobTerms terms;
};

/// Gives users new tokens; the old ones go when the new ones are active. invalid_input: the one that was asked for cannot be;
/// of a list, such a row is among the outcome's. The new tokens may come back after they were taken away: a person names each.
Result<JobOutcome> replace_tokens(Tenant& tenant, TokenReplacements wanted);

}  // namespace portalkey
