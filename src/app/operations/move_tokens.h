#pragma once

#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"

namespace portalkey {

/// Tokens that came by CSV, to become Microsoft Graph's. Graph never tells a secret key, so the seed file must have it.
struct TokenMove {
  SeedInput seeds;
  JobTerms terms;
};

/// Each token is created and activated through Graph for the user who has it, and only then removed from the portal; one that
/// does not become active is taken out of Graph again. Works with both backends, whichever is the profile's. invalid_input: the
/// profile's cloud has no hardware OATH in Graph.
Result<JobOutcome> move_tokens(Tenant& tenant, const TokenMove& move);

}  // namespace portalkey
