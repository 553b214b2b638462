// tokens plan and tokens apply: what a file wants of the tenant, shown and done.

#include <fmt/format.h>

#include <optional>

#include "app/json/plan_json.h"
#include "app/operations/plan_tokens.h"
#include "cli/jobs/job_output.h"
#include "cli/terminal/exit_code.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/tokens/plan_text.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct PlanCommand {
  SeedInput seeds;
  bool prune = false;
  std::optional<std::size_t> max_delete;  ///< kMostTaken; of a saved plan what it was saved with
  bool save = false;
  bool detailed = false;
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();  ///< of plan
  JobOutput output;                                                         ///< of apply
};

void print_plan(const TokenPlan& plan, OutputFormat format) {
  if (format == OutputFormat::table) return print(pasteable(harmless(plan_text(plan))));
  print_json(json_of(plan, pasteable));
}

/// Of `--detailed-exitcode`, as other tools' plans have it.
constexpr ExitCode kChanges{2};

ExitCode code_of(const TokenPlan& plan) {
  if (plan.impossible.empty()) return ExitCode::done;
  return plan.changes.empty() && plan.unchanged.empty() ? ExitCode::failed : ExitCode::partly_done;
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

FilePlanning planning_of(const PlanCommand& command) { return {command.seeds, command.prune, command.output.again}; }

Result<ExitCode> plan(Tenant& tenant, const PlanCommand& command) {
  auto planned = plan_from_file(tenant, *tenant.open_tokens(), planning_of(command));
  if (!planned) return pass(planned);
  print_plan(planned->plan, *command.format);
  const ExitCode code = command.detailed && !planned->plan.changes.empty() ? kChanges : code_of(planned->plan);
  // What a saved plan takes away was allowed when it was saved: it is not asked about again.
  auto fine = within_limit(planned->plan.taking(), command.max_delete.value_or(kMostTaken),
                           command.save ? "it was not saved" : "tokens apply would do nothing");
  if (!fine && command.save) return pass(fine);
  if (!fine) warn(fine.error().what);
  if (!command.save) return code;
  auto saved = save_plan(tenant, std::move(*planned), command.seeds.file);
  if (!saved) return pass(saved);
  say(pasteable(fmt::format("Saved; do it with: portalkey tokens apply {}\n", *saved)));
  return code;
}

Result<ExitCode> apply(Tenant& tenant, const PlanCommand& command) {
  const JobTerms terms = terms_of(command.output);
  // Whoever has a file of that name means the file.
  if (!std::filesystem::exists(command.seeds.file) && command.seeds.file != "-") {
    auto store = tenant.jobs();
    if (!store) return pass(store);
    auto job = find_runnable_job(tenant, **store, command.seeds.file);
    if (job) return print_job(tenant, apply_plan(tenant, **store, job->id, command.max_delete, terms), command.output);
    if (job.error().code != Errc::not_found) return pass(job);
  }
  auto done = apply_file(tenant, planning_of(command), command.max_delete.value_or(kMostTaken), terms);
  return print_job(tenant, std::move(done), command.output);
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
      const int code = with_tenant(globals, *options->format, [&](Tenant& tenant) {
        auto done = plan(tenant, *options);
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
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return apply(tenant, *options); });
    };
  });
}

}  // namespace portalkey
