// tokens plan and tokens apply: what a file wants of the tenant, shown and done.

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "app/tenant/tenant.h"
#include "app/tenant/tenant_users.h"
#include "base/json_text.h"
#include "cli/jobs/job_output.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/progress_line.h"
#include "cli/tokens/plan_text.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"
#include "cli/tokens/wanted_tokens.h"
#include "jobs/plan/token_plan.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostTaken = 10;

struct PlanCommand {
  SeedInput seeds;
  bool prune = false;
  std::optional<std::size_t> max_delete;  ///< kMostTaken; of a saved plan what it was saved with
  bool save = false;
  bool detailed = false;
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();  ///< of plan
  JobOutput output;                                                         ///< of apply
};

struct Planned {
  WantedTokens wanted;
  std::vector<TenantToken> tenant;
  TokenPlan plan;
};

Result<Planned> make_plan(Tenant& services, const PlanCommand& command) {
  auto wanted = read_wanted_tokens(command.seeds);
  if (!wanted) return pass(wanted);
  const bool damaged = !wanted->problems.empty();
  if (command.prune && (damaged || wanted->rows == 0)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 damaged ? "rows of the file cannot be read, and with --prune their tokens would be deleted"
                                         : "the file has no tokens, and with --prune every token would be deleted",
                                 "Correct the file (without --prune the plan shows which rows), or leave --prune out.",
                                 {{"file", command.seeds.file}}});
  }
  ProgressLine progress(services.clock());
  progress.phase("reading the tenant's tokens");
  auto tenant = services.tokens().list({}, services.deadline());
  if (!tenant) return pass(tenant);
  Planned planned{std::move(*wanted), std::move(*tenant), {}};
  PlanRules rules;
  rules.prune = command.prune;
  if (!command.output.again) {
    auto taken = services.taken_away();
    if (!taken) return pass(taken);
    rules.not_again = std::move(*taken);
  }
  std::vector<std::string> upns;
  for (const auto& seed : planned.wanted.tokens) upns.push_back(seed.upn);
  auto members = external_members(services, upns, progress);
  if (!members) return pass(members);
  rules.members = std::move(*members);
  planned.plan = plan_tokens(planned.wanted.tokens, planned.tenant, services.tokens(), rules);
  for (const auto& problem : planned.wanted.problems) {
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

void print_plan(const TokenPlan& plan, OutputFormat format) {
  if (format == OutputFormat::table) return print(pasteable(harmless(plan_text(plan))));
  boost::json::array changes, impossible;
  for (const auto& change : plan.changes) {
    boost::json::object one{{"change", name_of(change.change)}, {"serial", change.serial}};
    if (change.line != 0) one["line"] = change.line;
    if (!change.upn.empty()) one["upn"] = change.upn;
    if (!change.from.empty()) one["from"] = change.from;
    if (!change.replaced_by.empty()) one["replacedBy"] = change.replaced_by;
    if (!change.with_key && !change.upn.empty() && change.change != TokenChange::remove) one["activates"] = false;
    changes.push_back(std::move(one));
  }
  for (const auto& row : plan.impossible) {
    impossible.push_back({{"line", row.line},
                          {"serial", row.serial},
                          {"upn", row.upn},
                          {"reason", row.reason},
                          {"remedy", pasteable(row.remedy)}});
  }
  print(json_text(boost::json::object{
            {"changes", std::move(changes)}, {"impossible", std::move(impossible)}, {"unchanged", plan.unchanged.size()}}) +
        "\n");
}

/// Of `--detailed-exitcode`, as other tools' plans have it.
constexpr ExitCode kChanges{2};

ExitCode code_of(const TokenPlan& plan) {
  if (plan.impossible.empty()) return ExitCode::done;
  return plan.changes.empty() && plan.unchanged.empty() ? ExitCode::failed : ExitCode::partly_done;
}

Result<void> within_limit(std::size_t taking, std::size_t most, std::string_view not_done) {
  if (taking <= most) return {};
  return fail(Errc::invalid_input,
              fmt::format("the plan takes {} tokens away, more than --max-delete {} allows; {}", taking, most, not_done),
              fmt::format("Look at portalkey tokens plan FILE --prune; if it is right, add --max-delete {}.", taking));
}

/// Returns the FILE argument.
Option add_options(Command command, PlanCommand& options) {
  const auto file = add_seed_file_options(command, options.seeds);
  command.flag("--prune", options.prune,
               "Also take tokens away: delete those the file does not have, reassign those it gives to somebody else");
  command
      .option(
          "--max-delete", options.max_delete,
          fmt::format("How many tokens may be taken away at most [{}]; a saved plan keeps what it was saved with", kMostTaken))
      .type_name("N");
  add_again_option(command, options.output);
  return file;
}

/// The journal has them in a row each, sealed.
Result<void> save(Tenant& services, Planned& planned, const PlanCommand& command) {
  auto store = services.jobs();
  if (!store) return pass(store);
  Job job = new_job(services, "apply", command.seeds.file);
  job.state = Job::State::planned;
  if (auto created = (*store)->create(job, job_tokens(planned.plan, planned.wanted.tokens)); !created) return created;
  say(pasteable(fmt::format("Saved; do it with: portalkey tokens apply {}\n", job.id)));
  return {};
}

Result<ExitCode> plan(Tenant& services, const PlanCommand& command) {
  auto planned = make_plan(services, command);
  if (!planned) return pass(planned);
  print_plan(planned->plan, *command.format);
  const ExitCode code = command.detailed && !planned->plan.changes.empty() ? kChanges : code_of(planned->plan);
  // What a saved plan takes away was allowed when it was saved: it is not asked about again.
  auto fine = within_limit(planned->plan.taking(), command.max_delete.value_or(kMostTaken),
                           command.save ? "it was not saved" : "tokens apply would do nothing");
  if (!fine && command.save) return pass(fine);
  if (!fine) warn(fine.error().what);
  if (!command.save) return code;
  if (auto saved = save(services, *planned, command); !saved) return pass(saved);
  return code;
}

Result<ExitCode> apply_saved(Tenant& services, JobStore& store, const std::string& id, const PlanCommand& command) {
  auto loaded = load_runnable_job(services, store, id);
  if (!loaded) return pass(loaded);
  auto& [job, tokens] = *loaded;
  if (job.state != Job::State::planned) {
    return fail(Errc::invalid_input, fmt::format("the plan {} was applied already", job.id),
                fmt::format("If something of it is left: portalkey jobs resume {}", job.id));
  }
  const auto taking = static_cast<std::size_t>(std::ranges::count_if(tokens, takes, &JobToken::change));
  if (command.max_delete) {
    if (auto fine = within_limit(taking, *command.max_delete, "nothing was changed"); !fine) return pass(fine);
  }
  auto tenant = services.tokens().list({}, services.deadline());
  if (!tenant) return pass(tenant);
  if (auto changed = changed_since(tokens, *tenant); !changed.empty()) {
    return fail(Errc::conflict, "the tenant has changed since the plan was made: " + changed,
                fmt::format("Nothing was changed. Make the plan again, and portalkey jobs forget {}.", job.id));
  }
  const JobTerms terms = terms_of(command.output);
  if (terms.dry_run) {
    auto done = start_job(services, services.tokens(), std::move(job), std::move(tokens), terms);
    return print_job(services, std::move(done), command.output);
  }
  if (auto yes = terms.agree(tokens); !yes) return pass(yes);
  auto lease = store.claim(job.id);
  if (!lease) return pass(lease);
  if (auto begun = store.begin(*lease); !begun) return pass(begun);
  std::vector<JobToken>().swap(tokens);  // from here on they are read from the journal
  return print_job(services, continue_job(services, services.tokens(), store, *lease, std::move(job), terms), command.output);
}

Result<ExitCode> apply(Tenant& services, const PlanCommand& command) {
  // Whoever has a file of that name means the file.
  if (!std::filesystem::exists(command.seeds.file) && command.seeds.file != "-") {
    auto store = services.jobs();
    if (!store) return pass(store);
    auto job = find_runnable_job(services, **store, command.seeds.file);
    if (job) return apply_saved(services, **store, job->id, command);
    if (job.error().code != Errc::not_found) return pass(job);
  }
  auto planned = make_plan(services, command);
  if (!planned) return pass(planned);
  if (auto fine = within_limit(planned->plan.taking(), command.max_delete.value_or(kMostTaken), "nothing was changed"); !fine)
    return pass(fine);
  auto done = start_job(services, services.tokens(), new_job(services, "apply", command.seeds.file),
                        job_tokens(planned->plan, planned->wanted.tokens), terms_of(command.output));
  return print_job(services, std::move(done), command.output);
}

}  // namespace

void add_tokens_plan(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  const auto command = tokens.subcommand("plan", "What it takes to make the tenant hold what a file says; changes nothing");
  add_options(command, *options).description("The seed file, or a list of tokens and people without keys; - is standard input");
  command.flag("--save", options->save, "Keep the plan, to be done as it stands with tokens apply");
  command.flag(kDetailedExitCode, options->detailed,
               "Exit with 0 if nothing is to be changed, 2 if something is, 1 on errors, wrong usage included");
  add_output_option(command, options->format, false);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      bool changes = false;
      const int code = with_tenant(globals, *options->format, [&](Tenant& services) {
        auto done = plan(services, *options);
        changes = done && *done == kChanges;
        return done;
      });
      const bool usage = code == static_cast<int>(ExitCode::usage) && !changes;
      return options->detailed && usage ? static_cast<int>(ExitCode::failed) : code;
    };
  });
}

void add_tokens_apply(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  const auto command =
      tokens.subcommand("apply", "Make the tenant hold what a file says, or do a saved plan, as tokens plan shows it");
  add_options(command, *options)
      .description("The seed file, a list of tokens and people without keys, or the name of a saved plan");
  add_consent_option(command, options->output, "Do this?");
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    check_consent("tokens apply", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& services) { return apply(services, *options); });
    };
  });
}

}  // namespace portalkey
