#pragma once

#include <string>

#include "app/operations/start_job.h"

namespace portalkey {

/// Takes back what a job did, as a job of its own: tokens that it put into the tenant are removed, those that it gave to
/// somebody are unassigned, if they are still as it left them. What cannot be taken back (removals, for the secret keys are not
/// kept; activations; tokens that others have changed since) is a refused row with the reason, and so shown before anybody
/// agrees. invalid_input: the job is not at its end, or is a saved plan. not_found: nothing of it is left.
Result<JobOutcome> undo_job(Tenant& tenant, JobStore& store, const std::string& id, const JobTerms& terms);

}  // namespace portalkey
