#pragma once

#include "app/json/seed_tokens_json.h"
#include "app/operations/validate_seeds.h"

namespace portalkey {

struct ValidationJson {
  bool reveal_secrets = false;  ///< with `secretBase32`
};

/// Checks the seeds (validate_seeds), and writes what is found:
/// `{"format":…,"tokens":[…],"errors":[…],"warnings":[…],"notes":[…],"tenant":{…}}`, the last only if it was asked. `tokens`
/// has every token of the file, also what an import would leave out, and none that a later row contradicts. Of a large file
/// little is held: it is read twice, if it can be. An Error: nothing, or what is no whole document, was written.
Result<ValidatedSeeds> validate_as_json(const SeedValidation& wanted, const ValidationJson& shown, Tenant* tenant,
                                        const Words& words, const WriteText& write);

}  // namespace portalkey
