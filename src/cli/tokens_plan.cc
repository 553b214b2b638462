// tokens plan and tokens apply: what a file wants of the tenant, shown and done.

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/json_text.h"
#include "cli/job_run.h"
#include "cli/seed_rows.h"
#include "cli/services.h"
#include "cli/tokens_command.h"
#include "jobs/token_plan.h"

namespace portalkey {
namespace {

using Kind = TokenChange;

struct PlanCommand {
  SeedInput seeds;
  bool prune = false;
  std::size_t max_delete = 10;
  bool save = false;
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();  ///< of plan
  JobOutput output;                                                         ///< of apply
};

struct Planned {
  SeedRows rows;
  std::vector<TenantToken> tenant;
  TokenPlan plan;
};

Result<Planned> make_plan(Services& services, const PlanCommand& command) {
  auto rows = read_seed_rows(command.seeds);
  if (!rows) return pass(rows);
  const bool damaged = std::ranges::any_of(rows->problems, [](const auto& problem) { return !problem.warning; });
  if (command.prune && (damaged || rows->summary.rows == 0)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 damaged ? "rows of the file cannot be read, and with --prune their tokens would be deleted"
                                         : "the file has no tokens, and with --prune every token would be deleted",
                                 "Correct the file (portalkey tokens validate FILE), or leave --prune out.",
                                 {{"file", command.seeds.file}}});
  }
  auto tenant = services.tokens().list({}, services.deadline());
  if (!tenant) return pass(tenant);
  Planned planned{std::move(*rows), std::move(*tenant), {}};
  planned.plan = plan_tokens(planned.rows.tokens, planned.tenant, services.tokens(), command.prune);
  for (const auto& problem : planned.rows.problems) {
    if (problem.warning) continue;
    TokenOutcome outcome;
    outcome.state = TokenOutcome::State::rejected;
    outcome.line = problem.line;
    outcome.serial = problem.serial;
    outcome.upn = problem.upn;
    outcome.reason = fmt::format("{}: {}", problem.field, problem.what);
    outcome.remedy = problem.remedy;
    planned.plan.impossible.push_back(std::move(outcome));
  }
  return planned;
}

std::string_view sign_of(Kind kind) {
  switch (kind) {
    case Kind::create: return "+";
    case Kind::remove: return "-";
    default: return "~";
  }
}

std::string explained(const PlannedChange& change) {
  switch (change.change) {
    case Kind::create: return change.upn.empty() ? "for nobody yet" : fmt::format("for {}, and activate", change.upn);
    case Kind::assign: return fmt::format("to {}, and activate", change.upn);
    case Kind::activate: return fmt::format("of {}", change.upn);
    case Kind::reassign: return fmt::format("from {} to {}, and activate", change.from, change.upn);
    case Kind::unassign: return fmt::format("from {}", change.from);
    case Kind::remove:
      return fmt::format("{}{}", change.from.empty() ? "nobody's" : "of " + change.from,
                         change.replaced_by.empty() ? "" : fmt::format(", when {} is active", change.replaced_by));
  }
  return {};
}

void print_plan(const TokenPlan& plan, OutputFormat format) {
  std::map<Kind, std::size_t> counts;
  for (const auto& change : plan.changes) ++counts[change.change];
  if (format == OutputFormat::json) {
    boost::json::array changes, impossible;
    for (const auto& change : plan.changes) {
      boost::json::object one{{"change", name_of(change.change)}, {"serial", change.serial}};
      if (change.line != 0) one["line"] = change.line;
      if (!change.upn.empty()) one["upn"] = change.upn;
      if (!change.from.empty()) one["from"] = change.from;
      if (!change.replaced_by.empty()) one["replacedBy"] = change.replaced_by;
      changes.push_back(std::move(one));
    }
    for (const auto& row : plan.impossible) {
      impossible.push_back(
          {{"line", row.line}, {"serial", row.serial}, {"upn", row.upn}, {"reason", row.reason}, {"remedy", row.remedy}});
    }
    print(json_text(boost::json::object{
              {"changes", std::move(changes)}, {"impossible", std::move(impossible)}, {"unchanged", plan.unchanged.size()}}) +
          "\n");
    return;
  }
  std::string text;
  for (const auto& change : plan.changes)
    text += fmt::format("{} {:<9} {}  {}\n", sign_of(change.change), name_of(change.change), change.serial, explained(change));
  for (const auto& row : plan.impossible) {
    text += fmt::format("! {}{}  {}. {}\n", row.line != 0 ? fmt::format("line {} ", row.line) : "", row.serial, row.reason,
                        row.remedy);
  }
  if (!text.empty()) text += "\n";
  text += "Plan:";
  for (const auto& [kind, count] : counts) text += fmt::format(" {} to {},", count, name_of(kind));
  text += fmt::format(" {} unchanged", plan.unchanged.size());
  if (!plan.impossible.empty()) text += fmt::format(", {} impossible", plan.impossible.size());
  print(harmless(text + "\n"));
}

ExitCode code_of(const TokenPlan& plan) {
  if (plan.impossible.empty()) return ExitCode::done;
  return plan.changes.empty() && plan.unchanged.empty() ? ExitCode::failed : ExitCode::partly_done;
}

Result<void> within_limit(std::size_t taking, const PlanCommand& command) {
  if (taking <= command.max_delete) return {};
  return fail(Errc::invalid_input,
              fmt::format("the plan takes {} tokens away, more than --max-delete {} allows; nothing was changed", taking,
                          command.max_delete),
              fmt::format("Look at portalkey tokens plan FILE --prune; if it is right, add --max-delete {}.", taking));
}

void add_options(CLI::App& command, PlanCommand& options) {
  add_seed_file_options(command, options.seeds);
  command.add_flag("--prune", options.prune,
                   "Also take tokens away: delete those the file does not have, reassign those it gives to somebody else");
  command.add_option("--max-delete", options.max_delete, "How many tokens may be taken away at most")
      ->capture_default_str()
      ->type_name("N");
}

/// The journal has them in a row each, sealed.
Result<void> save(Services& services, Planned& planned, const PlanCommand& command) {
  auto store = services.jobs();
  if (!store) return pass(store);
  Job job = new_job(services, "apply", command.seeds.file);
  job.state = Job::State::planned;
  if (auto created = (*store)->create(job, job_tokens(planned.plan, planned.rows.tokens)); !created) return created;
  say(fmt::format("Saved; do it with: portalkey tokens apply {}\n", job.id));
  return {};
}

Result<ExitCode> plan(Services& services, const PlanCommand& command) {
  auto planned = make_plan(services, command);
  if (!planned) return pass(planned);
  print_plan(planned->plan, *command.format);
  const ExitCode code = code_of(planned->plan);
  if (auto fine = within_limit(planned->plan.taking(), command); !fine) warn(fine.error().what);
  if (!command.save) return code;
  if (auto saved = save(services, *planned, command); !saved) return pass(saved);
  return code;
}

Result<ExitCode> apply_saved(Services& services, JobStore& store, Job job, const PlanCommand& command) {
  if (job.state != Job::State::planned) {
    return fail(Errc::invalid_input, fmt::format("the plan {} was applied already", job.id),
                fmt::format("If something of it is left: portalkey jobs resume {}", job.id));
  }
  auto tokens = store.tokens(job.id, true);
  if (!tokens) return pass(tokens);
  const auto taking = static_cast<std::size_t>(std::ranges::count_if(*tokens, takes, &JobToken::change));
  if (auto fine = within_limit(taking, command); !fine) return pass(fine);
  auto tenant = services.tokens().list({}, services.deadline());
  if (!tenant) return pass(tenant);
  if (auto changed = changed_since(*tokens, *tenant); !changed.empty()) {
    return fail(Errc::conflict, "the tenant has changed since the plan was made: " + changed,
                fmt::format("Nothing was changed. Make the plan again, and portalkey jobs forget {}.", job.id));
  }
  if (auto begun = store.finish(job.id, Job::State::open); !begun) return pass(begun);
  return continue_job(services, store, std::move(job), std::move(*tokens), command.output);
}

Result<ExitCode> apply(Services& services, const PlanCommand& command) {
  // Whoever has a file of that name means the file.
  if (!std::filesystem::exists(command.seeds.file) && command.seeds.file != "-") {
    auto store = services.jobs();
    if (!store) return pass(store);
    auto job = find_runnable_job(services, **store, command.seeds.file);
    if (job) return apply_saved(services, **store, std::move(*job), command);
    if (job.error().code != Errc::not_found) return pass(job);
  }
  auto planned = make_plan(services, command);
  if (!planned) return pass(planned);
  if (auto fine = within_limit(planned->plan.taking(), command); !fine) return pass(fine);
  return start_job(services, new_job(services, "apply", command.seeds.file), job_tokens(planned->plan, planned->rows.tokens),
                   command.output);
}

}  // namespace

void add_tokens_plan(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  auto* command = tokens.add_subcommand("plan", "What it takes to make the tenant hold what a file says; changes nothing");
  add_options(*command, *options);
  command->add_flag("--save", options->save, "Keep the plan, to be done as it stands with tokens apply");
  add_output_option(*command, options->format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *options->format, [&](Services& services) { return plan(services, *options); });
    };
  });
}

void add_tokens_apply(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  auto* command =
      tokens.add_subcommand("apply", "Make the tenant hold what a file says, or do a saved plan, as tokens plan shows it");
  add_options(*command, *options);
  command->get_option("FILE")->description("The seed file, or the name of a saved plan");
  add_job_options(*command, options->output);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *options->output.format, [&](Services& services) { return apply(services, *options); });
    };
  });
}

}  // namespace portalkey
