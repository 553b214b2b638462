#include "app/operations/plan_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/operations/wanted_tokens.h"
#include "app/tenant/tenant_users.h"
#include "base/counted.h"

namespace portalkey {

Result<PlannedTokens> plan_from_file(Tenant& tenant, TokenDirectory& directory, const FilePlanning& planning) {
  auto wanted = read_wanted_tokens(planning.seeds);
  if (!wanted) return pass(wanted);
  const bool damaged = !wanted->problems.empty();
  if (planning.prune && (damaged || wanted->rows == 0)) {
    return std::unexpected(
        Error{Errc::invalid_input,
              damaged ? "rows of the file cannot be read, and with [[setting|prune]] their tokens would be deleted"
                      : "the file has no tokens, and with [[setting|prune]] every token would be deleted",
              "Correct the file (without [[setting|prune]] the plan shows which rows), or leave [[setting|prune]] out.",
              {{"file", planning.seeds.file}}});
  }
  const auto progress = tenant.interaction().progress();
  progress->phase("reading the tenant's tokens");
  auto held = directory.list({}, tenant.deadline());
  if (!held) return pass(held);
  PlannedTokens planned{std::move(wanted->tokens), {}};
  PlanRules rules;
  rules.prune = planning.prune;
  if (!planning.again) {
    auto taken = tenant.taken_away();
    if (!taken) return pass(taken);
    rules.not_again = std::move(*taken);
  }
  std::vector<std::string> upns;
  for (const auto& seed : planned.seeds) upns.push_back(seed.upn);
  auto members = external_members(tenant, upns, *progress);
  if (!members) return pass(members);
  rules.members = std::move(*members);
  planned.plan = plan_tokens(planned.seeds, *held, directory, rules);
  for (const auto& problem : wanted->problems) {
    TokenOutcome outcome;
    outcome.state = TokenOutcome::State::rejected;
    outcome.code = OutcomeCode::unusable_row;
    outcome.line = problem.line;
    outcome.serial = problem.serial;
    outcome.upn = problem.upn;
    outcome.reason = fmt::format("{}: {}", problem.field, problem.what);
    outcome.remedy = problem.remedy;
    planned.plan.impossible.push_back(std::move(outcome));
  }
  return planned;
}

Result<void> within_limit(std::size_t taking, std::size_t most, std::string_view not_done) {
  if (taking <= most) return {};
  return fail(Errc::invalid_input,
              fmt::format("the plan takes {} away, more than [[setting|max-delete|{}]] allows; {}", counted(taking, "token"),
                          most, not_done),
              fmt::format("Look at [[plan-pruning|FILE]]; if it is right, add [[setting|max-delete|{}]].", taking));
}

Result<std::string> save_plan(Tenant& tenant, PlannedTokens planned, const std::string& file) {
  auto store = tenant.jobs();
  if (!store) return pass(store);
  Job job = new_job(tenant, "apply", file);
  job.state = Job::State::planned;
  if (auto created = (*store)->create(job, job_tokens(planned.plan, planned.seeds)); !created) return pass(created);
  return job.id;
}

Result<JobOutcome> apply_file(Tenant& tenant, const FilePlanning& planning, std::size_t most, const JobTerms& terms) {
  const auto directory = tenant.open_tokens();
  auto planned = plan_from_file(tenant, *directory, planning);
  if (!planned) return pass(planned);
  if (auto fine = within_limit(planned->plan.taking(), most, "nothing was changed"); !fine) return pass(fine);
  return start_job(tenant, *directory, new_job(tenant, "apply", planning.seeds.file), job_tokens(planned->plan, planned->seeds),
                   terms);
}

Result<JobOutcome> apply_plan(Tenant& tenant, JobStore& store, const std::string& id, std::optional<std::size_t> most,
                              const JobTerms& terms) {
  auto loaded = load_runnable_job(tenant, store, id);
  if (!loaded) return pass(loaded);
  auto& [job, tokens] = *loaded;
  if (job.state != Job::State::planned) {
    return fail(Errc::invalid_input, fmt::format("the plan {} was applied already", job.id),
                fmt::format("If something of it is left: [[resume-job|{}]]", job.id));
  }
  const auto taking = static_cast<std::size_t>(std::ranges::count_if(tokens, takes, &JobToken::change));
  if (most) {
    if (auto fine = within_limit(taking, *most, "nothing was changed"); !fine) return pass(fine);
  }
  const auto directory = tenant.open_tokens();
  auto held = directory->list({}, tenant.deadline());
  if (!held) return pass(held);
  if (auto changed = changed_since(tokens, *held); !changed.empty()) {
    return fail(Errc::conflict, "the tenant has changed since the plan was made: " + changed,
                fmt::format("Nothing was changed. Make the plan again, and [[forget-job|{}]].", job.id));
  }
  if (terms.dry_run) return start_job(tenant, *directory, std::move(job), std::move(tokens), terms);
  if (terms.agree) {
    if (auto agreed = terms.agree(tokens); !agreed) return pass(agreed);
  }
  auto lease = store.claim(job.id);
  if (!lease) return pass(lease);
  if (auto begun = store.begin(*lease); !begun) {
    [[maybe_unused]] const auto released = store.release(*lease);
    return pass(begun);
  }
  std::vector<JobToken>().swap(tokens);  // from here on they are read from the journal
  return continue_job(tenant, *directory, store, *lease, std::move(job), terms);
}

}  // namespace portalkey
