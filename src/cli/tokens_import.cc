#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/ascii.h"
#include "cli/import_job.h"
#include "cli/progress_line.h"
#include "cli/seed_rows.h"
#include "cli/services.h"
#include "cli/tokens_command.h"
#include "jobs/import.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

struct ImportCommand {
  SeedInput seeds;
  bool only_upload = false;
  bool dry_run = false;
  std::string report;  ///< a file; empty: none
};

TokenOutcome rejected(const RowProblem& problem) {
  TokenOutcome outcome;
  outcome.state = TokenOutcome::State::rejected;
  outcome.line = problem.line;
  outcome.serial = problem.serial;
  outcome.upn = problem.upn;
  outcome.reason = fmt::format("{}{}: {}", problem.file.empty() ? "" : fmt::format("{} line {}: ", problem.file, problem.line),
                               problem.field, problem.what);
  if (!problem.file.empty()) outcome.line = 0;
  outcome.remedy = problem.remedy;
  return outcome;
}

/// A file that reads well and holds nothing is most likely a truncated export; for a job that sends tokens that is a failure.
Result<SeedRows> read_rows_to_send(const ImportCommand& command) {
  auto rows = read_seed_rows(command.seeds);
  if (rows && rows->summary.rows == 0) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the file has a header and no tokens",
                                 "Check that the export was complete.",
                                 {{"file", command.seeds.file}}});
  }
  return rows;
}

/// Nothing is sent, so there is nothing to journal.
Result<ExitCode> dry_run(Services& services, SeedRows rows, const ImportCommand& command, OutputFormat format) {
  ImportOptions options;
  options.activate = !command.only_upload;
  options.dry_run = true;
  ImportReport report;
  {
    ProgressLine progress(services.clock());
    report =
        import_tokens(rows.tokens, services.tokens(), options, services.clock(), services.random(), progress, services.stop());
  }
  if (report.stopped) return std::unexpected(std::move(*report.stopped));
  for (const auto& problem : rows.problems) {
    if (!problem.warning) report.outcomes.push_back(rejected(problem));
  }
  std::ranges::stable_sort(report.outcomes, {}, &TokenOutcome::line);
  return print_outcomes(report.outcomes, command.seeds.file, format);
}

Result<ExitCode> run_import(Services& services, const ImportCommand& command, OutputFormat format) {
  if (!command.report.empty()) {
    if (auto known = report_format(command.report); !known) return pass(known);
  }
  auto rows = read_rows_to_send(command);
  if (!rows) return pass(rows);
  for (const auto& problem : rows->problems) {
    if (!problem.warning) continue;
    warn(fmt::format("{}{}line {}: {}: {}", problem.file, problem.file.empty() ? "" : ", ", problem.line, problem.field,
                     problem.what));
  }
  if (command.dry_run) return dry_run(services, std::move(*rows), command, format);

  Job job;
  job.id = new_job_id(services.clock(), services.random());
  job.tenant = services.profile().tenant;
  job.backend = services.profile().backend == Backend::graph ? "graph" : "portal";
  job.file = command.seeds.file;
  job.activate = !command.only_upload;
  std::vector<JobToken> tokens;
  for (auto& seed : rows->tokens) {
    TokenOutcome outcome;
    outcome.state = TokenOutcome::State::not_done;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    if (auto why = services.tokens().why_not(seed); !why.empty()) {  // the journal has no columns for what is of no use
      const bool graph_would = services.profile().backend == Backend::portal && why_not_graph(seed).empty();
      outcome.state = TokenOutcome::State::rejected;
      outcome.reason = std::move(why);
      outcome.remedy = graph_would ? "Microsoft Graph takes it: --backend graph."
                                   : "Order tokens that Entra takes: TOTP, SHA-1, six digits, 30 or 60 seconds.";
      tokens.push_back({TokenSeed{}, std::move(outcome)});
    } else {
      tokens.push_back({std::move(seed), std::move(outcome)});
    }
  }
  for (const auto& problem : rows->problems) {
    if (!problem.warning) tokens.push_back({TokenSeed{}, rejected(problem)});
  }
  auto store = services.jobs();
  if (!store) return pass(store);
  if (auto created = (*store)->create(job, tokens); !created) return pass(created);
  return run_import_job(services, **store, std::move(job), std::move(tokens), format, command.report);
}

Result<ExitCode> run_activate(Services& services, const ImportCommand& command, const std::vector<std::string>& serials,
                              OutputFormat format) {
  auto rows = read_rows_to_send(command);
  if (!rows) return pass(rows);
  TokenDirectory& tokens = services.tokens();
  auto listed = tokens.list({}, services.deadline());
  if (!listed) return pass(listed);

  std::vector<TokenOutcome> outcomes;
  std::vector<ActivationOrder> orders;
  std::vector<std::size_t> places;
  for (const auto& seed : rows->tokens) {
    if (!serials.empty() && std::ranges::find(serials, seed.serial) == serials.end()) continue;
    TokenOutcome outcome;
    outcome.line = seed.line;
    outcome.serial = seed.serial;
    outcome.upn = seed.upn;
    const auto found = std::ranges::find(*listed, seed.serial, &TenantToken::serial);
    if (found == listed->end()) {
      outcome.reason = "the tenant has no token with this serial number";
      outcome.remedy = "Upload it first: portalkey tokens import FILE";
    } else if (!seed.upn.empty() && !same_ignoring_case(seed.upn, found->upn)) {
      outcome.reason = fmt::format("the tenant has this token assigned to {}", found->upn);
      outcome.remedy = "Check who has the device, and correct the file or the assignment.";
    } else if (auto why = tokens.why_not(seed); !why.empty()) {
      outcome.state = TokenOutcome::State::rejected;
      outcome.reason = std::move(why);
    } else if (found->nobodys()) {
      outcome.reason = "nobody has this token yet";
      outcome.remedy = fmt::format("Assign it first: portalkey tokens assign {} --user UPN", seed.serial);
    } else if (found->active) {
      outcome.upn = found->upn;
      outcome.state = TokenOutcome::State::already_active;
    } else {
      outcome.upn = found->upn;
      places.push_back(outcomes.size());
      orders.push_back({&seed, *found});
    }
    outcomes.push_back(std::move(outcome));
  }
  for (const auto& problem : rows->problems) {
    const bool asked_for = serials.empty() || std::ranges::find(serials, problem.serial) != serials.end();
    if (asked_for && !problem.warning) outcomes.push_back(rejected(problem));
  }
  for (const auto& serial : serials) {
    if (std::ranges::find(outcomes, serial, &TokenOutcome::serial) != outcomes.end()) continue;
    TokenOutcome outcome;
    outcome.serial = serial;
    outcome.reason = "the file has no usable row with this serial number";
    outcome.remedy = "See portalkey tokens validate FILE";
    outcomes.push_back(std::move(outcome));
  }
  std::optional<Error> stopped;
  if (!orders.empty()) {
    ProgressLine progress(services.clock());
    progress.phase(fmt::format("activating {} tokens", orders.size()));
    auto pace = services.pace();
    if (!pace) return pass(pace);
    auto done = activate_tokens(orders, tokens, **pace, services.clock(), progress, services.stop());
    for (std::size_t i = 0; i < orders.size(); ++i) {
      auto& outcome = outcomes[places[i]];
      outcome.state = done.results[i].active      ? TokenOutcome::State::active
                      : done.results[i].attempted ? TokenOutcome::State::failed
                                                  : TokenOutcome::State::not_done;
      outcome.reason = done.results[i].reason;
      outcome.remedy = done.results[i].remedy;
    }
    stopped = std::move(done.stopped);
  }
  std::ranges::stable_sort(outcomes, {}, &TokenOutcome::line);
  const ExitCode code = print_outcomes(outcomes, command.seeds.file, format);
  if (stopped) return std::unexpected(std::move(*stopped));
  return code;
}

Result<ExitCode> activate_one(Services& services, const std::string& serial, const std::string& code, OutputFormat format) {
  TokenDirectory& tokens = services.tokens();
  auto listed = tokens.list({}, services.deadline());
  if (!listed) return pass(listed);
  const auto found = std::ranges::find(*listed, serial, &TenantToken::serial);
  if (found == listed->end()) {
    return std::unexpected(Error{Errc::not_found,
                                 "the tenant has no token with this serial number",
                                 "See portalkey tokens list.",
                                 {{"serial number", serial}}});
  }
  TokenOutcome outcome;
  outcome.serial = serial;
  outcome.upn = found->upn;
  outcome.state = TokenOutcome::State::already_active;
  if (!found->active) {
    if (auto done = tokens.activate(*found, [&] { return code; }, services.deadline()); !done) {
      if (done.error().code != Errc::invalid_input) return pass(done);
      outcome.state = TokenOutcome::State::failed;
      outcome.reason = "the code was refused: " + done.error().what;
      outcome.remedy =
          "Type the code while the device shows it; if that fails again, the device's clock or the stored secret key is wrong.";
    } else {
      outcome.state = TokenOutcome::State::active;
    }
  }
  return print_outcomes({outcome}, "", format);
}

}  // namespace

void add_tokens_import(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ImportCommand>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("import", "From a seed file to activated tokens; running it again changes nothing");
  add_seed_file_options(*command, options->seeds);
  command
      ->add_option_function<std::string>(
          "--until", [options](const std::string& state) { options->only_upload = state == "uploaded"; },
          "Stop when the tokens are uploaded, or go on until they are active (the default)")
      ->check(CLI::IsMember({"uploaded", "active"}))
      ->type_name("STATE");
  command->add_flag("--dry-run", options->dry_run, "Read the file and the tenant, and tell what would be done");
  command->add_option("--report", options->report, "Also write what became of each token to FILE.csv, .json or .html")
      ->type_name("FILE");
  add_output_option(*command, format, false);
  command->callback([options, format, &globals, &run] {
    if (!options->report.empty() && options->dry_run)
      throw CLI::ValidationError("--report", "is about what was done; --dry-run does nothing");
    run = [options, format, &globals] {
      return with_services(globals, *format, [&](Services& services) { return run_import(services, *options, *format); });
    };
  });
}

void add_tokens_activate(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ImportCommand>();
  auto serials = std::make_shared<std::vector<std::string>>();
  auto code = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand(
      "activate", "Activate uploaded tokens: from their seed file, or one with the code its device shows");
  add_seed_file_options(*command, options->seeds);
  command->get_option("FILE")->required(false);
  command->add_option("--serial", *serials, "Only these serial numbers")->type_name("SERIAL");
  command->add_option("--code", *code, "The six digits the device shows now (with one --serial and no FILE)")
      ->type_name("CODE");
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    if (code->empty() == options->seeds.file.empty())
      throw CLI::ValidationError("tokens activate", "give either a seed FILE, or --serial and --code");
    if (!code->empty() && serials->size() != 1) throw CLI::ValidationError("--code", "needs exactly one --serial");
    if (!code->empty() && (code->size() != 6 || code->find_first_not_of("0123456789") != std::string::npos)) {
      throw CLI::ValidationError("--code", "takes the six digits the device shows");
    }
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) {
        return code->empty() ? run_activate(services, *options, *serials, *format)
                             : activate_one(services, serials->front(), *code, *format);
      });
    };
  });
}

}  // namespace portalkey
