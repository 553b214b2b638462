#include "app/operations/import_seeds.h"

#include <fmt/format.h>

#include "app/operations/device_clocks.h"
#include "app/operations/job_rows.h"

namespace portalkey {
namespace {

void warn_of(const std::vector<RowProblem>& problems, Interaction& interaction) {
  for (const auto& problem : problems) {
    if (!problem.warning) continue;
    interaction.warn(fmt::format("{}{}line {}: {}: {}", problem.file, problem.file.empty() ? "" : ", ", problem.line,
                                 problem.field, problem.what));
  }
}

/// In the file's order; those that nothing can come of are refused.
std::vector<JobToken> rows_of(SeedRows rows, Backend backend) {
  std::vector<JobToken> tokens;
  for (auto& seed : rows.tokens) {
    auto rejection = why_token_rejected(seed, backend);
    auto token = job_token(TokenChange::create, std::move(seed));
    tokens.push_back(rejection ? refused_token(std::move(token), std::move(*rejection)) : std::move(token));
  }
  for (const auto& problem : rows.problems) {
    if (!problem.warning) tokens.push_back(refused_token(problem));
  }
  return tokens;
}

}  // namespace

Result<JobOutcome> import_seeds(Tenant& tenant, const SeedImport& wanted) {
  auto rows = read_seeds_to_send(wanted.seeds);
  if (!rows) return pass(rows);
  warn_of(rows->problems, tenant.interaction());
  if (auto told = take_clocks(wanted.clocks, tenant, *rows); !told) return pass(told);
  auto aged = made_long_ago(rows->tokens, tenant.clock().now());
  const auto directory = tenant.open_tokens();
  auto tokens = rows_of(std::move(*rows), directory->backend());
  Job job = new_job(tenant, "import", wanted.seeds.file);
  job.activate = wanted.activate;
  auto done = start_job(tenant, *directory, std::move(job), std::move(tokens), wanted.terms);
  if (done) done->made_long_ago = std::move(aged);
  return done;
}

}  // namespace portalkey
