#include "app/operations/import_seeds.h"

#include <fmt/format.h>

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
std::vector<JobToken> rows_of(SeedRows rows, const TokenDirectory& directory, Backend backend) {
  std::vector<JobToken> tokens;
  for (auto& seed : rows.tokens) {
    auto why = directory.why_not(seed);
    const bool graph_would = backend == Backend::portal && why_not_graph(seed).empty();
    std::string remedy = graph_would ? "Microsoft Graph takes it: [[setting|backend|graph]]." : remedy_for_entra(seed);
    auto token = job_token(TokenChange::create, std::move(seed));
    tokens.push_back(why.empty()
                         ? std::move(token)
                         : refused_token(std::move(token), OutcomeCode::unsupported_token, std::move(why), std::move(remedy)));
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
  const auto directory = tenant.open_tokens();
  auto tokens = rows_of(std::move(*rows), *directory, tenant.profile().backend);
  Job job = new_job(tenant, "import", wanted.seeds.file);
  job.activate = wanted.activate;
  return start_job(tenant, *directory, std::move(job), std::move(tokens), wanted.terms);
}

}  // namespace portalkey
