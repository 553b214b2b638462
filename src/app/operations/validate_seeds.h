#pragma once
// A seed file checked row by row, and what an import would do with each token. Nothing is changed.

#include <cstdint>
#include <optional>

#include "app/operations/seed_rows.h"
#include "app/operations/tenant_findings.h"
#include "jobs/verdict/why_rejected.h"

namespace portalkey {

struct SeedValidation {
  SeedInput seeds;
  std::optional<Backend> backend;  ///< through which the tokens would be imported; nullopt: not known
};

/// What is found, as it is met. A token that a later row contradicts is handed on too: see SeedFileSummary::withdrawn.
class ValidationSink {
 public:
  virtual ~ValidationSink() = default;
  /// `rejection`: null if an import would take the token, as far as the file tells.
  virtual void on_token(TokenSeed&& token, const Rejection* rejection) = 0;
  /// Of the file; behind its last one those of the tenant, if it is asked.
  virtual void on_problem(RowProblem&& problem) = 0;
};

struct ValidatedSeeds {
  SeedFileSummary summary;
  std::int64_t importable = 0;             ///< tokens that an import would take, as far as was asked; never below 0
  std::optional<TenantFindings> findings;  ///< nullopt: the tenant was not asked. Its `problems` were handed on

  /// An import would take every row.
  bool all_importable() const { return importable > 0 && summary.problems == 0 && importable == summary.tokens; }
};

/// `seeds`: opened from those of `wanted`. `tenant`: null unless it is to be asked, which judges the users then.
Result<ValidatedSeeds> validate_seeds(const OpenedSeeds& seeds, const SeedValidation& wanted, Tenant* tenant,
                                      ValidationSink& to);

}  // namespace portalkey
