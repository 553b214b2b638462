// tokens plan and tokens apply: what a file wants of the tenant, shown and done.

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "base/ascii.h"
#include "cli/progress_line.h"
#include "cli/seed_rows.h"
#include "cli/services.h"
#include "cli/tokens_command.h"
#include "jobs/import.h"
#include "jobs/token_plan.h"

namespace portalkey {
namespace {

using Kind = PlannedChange::Kind;
using State = TokenOutcome::State;

struct PlanCommand {
  SeedInput seeds;
  bool prune = false;
  std::size_t max_delete = 10;
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
    outcome.state = State::rejected;
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
  switch (change.kind) {
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
  for (const auto& change : plan.changes) ++counts[change.kind];
  if (format == OutputFormat::json) {
    boost::json::array changes, impossible;
    for (const auto& change : plan.changes) {
      boost::json::object one{{"change", name_of(change.kind)}, {"serial", change.serial}};
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
    print(boost::json::serialize(boost::json::object{
              {"changes", std::move(changes)}, {"impossible", std::move(impossible)}, {"unchanged", plan.unchanged}}) +
          "\n");
    return;
  }
  std::string text;
  for (const auto& change : plan.changes)
    text += fmt::format("{} {:<9} {}  {}\n", sign_of(change.kind), name_of(change.kind), change.serial, explained(change));
  for (const auto& row : plan.impossible) {
    text += fmt::format("! {}{}  {}. {}\n", row.line != 0 ? fmt::format("line {} ", row.line) : "", row.serial, row.reason,
                        row.remedy);
  }
  if (!text.empty()) text += "\n";
  text += "Plan:";
  for (const auto& [kind, count] : counts) text += fmt::format(" {} to {},", count, name_of(kind));
  text += fmt::format(" {} unchanged", plan.unchanged);
  if (!plan.impossible.empty()) text += fmt::format(", {} impossible", plan.impossible.size());
  print(text + "\n");
}

ExitCode code_of(const TokenPlan& plan) {
  if (plan.impossible.empty()) return ExitCode::done;
  return plan.changes.empty() && plan.unchanged == 0 ? ExitCode::failed : ExitCode::partly_done;
}

Result<void> within_limit(const TokenPlan& plan, const PlanCommand& command) {
  if (plan.taking() <= command.max_delete) return {};
  return fail(Errc::invalid_input,
              fmt::format("the plan takes {} tokens away, more than --max-delete {} allows; nothing was changed", plan.taking(),
                          command.max_delete),
              fmt::format("Look at portalkey tokens plan FILE --prune; if it is right, add --max-delete {}.", plan.taking()));
}

class Apply {
 public:
  Apply(Services& services, Planned& planned) : services_(services), tokens_(services.tokens()), planned_(planned) {}

  Result<ExitCode> run(const std::string& file, OutputFormat format) {
    free_what_moves();
    if (!stopped_) bring_in();
    if (!stopped_) remove_the_rest();
    auto outcomes = std::move(outcomes_);
    for (auto& row : planned_.plan.impossible) {
      std::erase_if(outcomes, [&](const auto& known) { return known.line != 0 && known.line == row.line; });
      outcomes.push_back(row);
    }
    std::ranges::stable_sort(outcomes, {}, [](const auto& o) { return o.line == 0 ? INT64_MAX : o.line; });
    const ExitCode code = print_outcomes(outcomes, file, format);
    if (stopped_) return std::unexpected(std::move(*stopped_));
    return code;
  }

 private:
  const TenantToken& token_of(const PlannedChange& change) const {
    return *std::ranges::find(planned_.tenant, change.serial, &TenantToken::serial);
  }

  void note(const PlannedChange& change, State state, std::string reason = {}, std::string remedy = {}) {
    TokenOutcome outcome;
    outcome.line = change.line;
    outcome.serial = change.serial;
    outcome.upn = change.kind == Kind::remove ? change.from : change.upn;
    outcome.state = state;
    outcome.reason = std::move(reason);
    outcome.remedy = std::move(remedy);
    outcomes_.push_back(std::move(outcome));
  }

  /// Tokens that go to somebody else, or to nobody. False: this one did not.
  bool free(const PlannedChange& change) {
    auto* inventory = tokens_.inventory();
    auto done = inventory != nullptr ? inventory->unassign(token_of(change), services_.deadline())
                                     : tokens_.remove(token_of(change), services_.deadline());
    auto now = tokens_.again(token_of(change), services_.deadline());
    if (now && (!*now || (*now)->nobodys())) return true;
    if (!done && stops(done.error())) stopped_ = done.error();
    note(change, State::failed,
         fmt::format("not taken from {}: {}", change.from,
                     !done ? done.error().what : "the service answered, but did not do it"),
         "Run the same command again.");
    return false;
  }

  void free_what_moves() {
    for (const auto& change : planned_.plan.changes) {
      if (stopped_ || (change.kind != Kind::reassign && change.kind != Kind::unassign)) continue;
      if (!free(change)) {
        left_out_.push_back(change.serial);
      } else if (change.kind == Kind::unassign) {
        note(change, State::unassigned);
        left_out_.push_back(change.serial);
      }
    }
  }

  void bring_in() {
    auto& seeds = planned_.rows.tokens;
    const auto impossible = [&](const TokenSeed& seed) {
      return std::ranges::find(planned_.plan.impossible, seed.serial, &TokenOutcome::serial) != planned_.plan.impossible.end();
    };
    std::erase_if(seeds, [&](const TokenSeed& seed) {
      return std::ranges::find(left_out_, seed.serial) != left_out_.end() || impossible(seed);
    });
    if (seeds.empty()) return;
    ImportOptions options;
    options.upload_patience = services_.profile().upload_timeout;
    auto pace = services_.pace();
    if (!pace) {
      stopped_ = std::move(pace).error();
      return;
    }
    options.pace = pace->get();
    ProgressLine progress(services_.clock());
    auto report = import_tokens(seeds, tokens_, options, services_.clock(), services_.random(), progress, services_.stop());
    for (auto& outcome : report.outcomes) outcomes_.push_back(std::move(outcome));
    stopped_ = std::move(report.stopped);
  }

  void remove_the_rest() {
    for (const auto& change : planned_.plan.changes) {
      if (change.kind != Kind::remove || stopped_) continue;
      if (!change.replaced_by.empty()) {
        const auto better = std::ranges::find(outcomes_, change.replaced_by, &TokenOutcome::serial);
        if (better == outcomes_.end() || (better->state != State::active && better->state != State::already_active)) {
          note(change, State::not_done, fmt::format("kept: {} is not active", change.replaced_by), "See there.");
          continue;
        }
      }
      auto done = tokens_.remove(token_of(change), services_.deadline());
      auto now = tokens_.again(token_of(change), services_.deadline());
      if (now && !*now) {
        note(change, State::removed);
        continue;
      }
      if (!done && stops(done.error())) stopped_ = done.error();
      note(change, State::failed, !done ? done.error().what : "the service answered, but the token is still there",
           "Run the same command again.");
    }
  }

  static bool stops(const Error& error) {
    return error.code == Errc::forbidden || error.code == Errc::unauthenticated || error.code == Errc::needs_person ||
           error.code == Errc::cancelled;
  }

  Services& services_;
  TokenDirectory& tokens_;
  Planned& planned_;
  std::vector<TokenOutcome> outcomes_;
  std::vector<std::string> left_out_;
  std::optional<Error> stopped_;
};

void add_options(CLI::App& command, PlanCommand& options) {
  add_seed_file_options(command, options.seeds);
  command.add_flag("--prune", options.prune,
                   "Also take tokens away: delete those the file does not have, reassign those it gives to somebody else");
  command.add_option("--max-delete", options.max_delete, "How many tokens may be taken away at most")
      ->capture_default_str()
      ->type_name("N");
}

}  // namespace

void add_tokens_plan(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("plan", "What it takes to make the tenant hold what a file says; changes nothing");
  add_options(*command, *options);
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) -> Result<ExitCode> {
        auto planned = make_plan(services, *options);
        if (!planned) return pass(planned);
        print_plan(planned->plan, *format);
        if (auto fine = within_limit(planned->plan, *options); !fine) warn(fine.error().what);
        return code_of(planned->plan);
      });
    };
  });
}

void add_tokens_apply(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<PlanCommand>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("apply", "Make the tenant hold what a file says, as tokens plan shows it");
  add_options(*command, *options);
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) -> Result<ExitCode> {
        auto planned = make_plan(services, *options);
        if (!planned) return pass(planned);
        if (auto fine = within_limit(planned->plan, *options); !fine) return pass(fine);
        return Apply(services, *planned).run(options->seeds.file, *format);
      });
    };
  });
}

}  // namespace portalkey
