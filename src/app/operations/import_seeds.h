#pragma once

#include "app/operations/seed_rows.h"
#include "app/operations/start_job.h"

namespace portalkey {

struct SeedImport {
  SeedInput seeds;
  bool activate = true;  ///< false: stop when the tokens are uploaded
  std::string clocks;    ///< a list of codes that were read from the devices (seeds/readings); empty: none
  JobTerms terms;
};

/// From a seed file to activated tokens; doing it again changes nothing. Rows that cannot be used are among the outcome's, and
/// what is only strange about one is warned of before the job is begun. A token whose device's clock is known, by `clocks` or
/// by the file, is activated with the code for the device's time.
Result<JobOutcome> import_seeds(Tenant& tenant, const SeedImport& wanted);

}  // namespace portalkey
