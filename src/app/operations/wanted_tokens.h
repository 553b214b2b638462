#pragma once
// What a file wants of the tenant, for plans: a seed file's tokens, and those of rows that hold no secret key because the
// tenant has the token already. A list of tokens and people, such as one from a personnel system, has only such rows.

#include <string>
#include <vector>

#include "app/operations/seed_rows.h"

namespace portalkey {

struct WantedTokens {
  std::vector<TokenSeed> tokens;     ///< in the file's order; those without a key have an empty one
  std::vector<RowProblem> problems;  ///< rows that are of no use; no warnings
  std::int64_t rows = 0;
};

Result<WantedTokens> read_wanted_tokens(const SeedInput& input);

}  // namespace portalkey
