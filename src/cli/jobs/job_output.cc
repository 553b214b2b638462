#include "cli/jobs/job_output.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/operations/device_clocks.h"
#include "cli/jobs/outcome_output.h"
#include "cli/terminal/confirm.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/references.h"
#include "cli/tokens/plan_text.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;

constexpr const char* kNotKnownHere =
    "Not known here: tokens taken away on another machine, with another profile, in the portal, or by jobs forgotten since. A "
    "seed file that has them brings them back.\n";

bool begun(const TokenOutcome& outcome) { return outcome.state != State::not_done && outcome.state != State::rejected; }

/// cancelled: somebody said no.
Result<void> agreed(const std::vector<JobToken>& tokens, const JobOutput& output) {
  constexpr std::size_t kShown = 50;
  if (output.question.empty()) return {};
  const TokenPlan plan = plan_of(tokens);
  if (plan.changes.empty()) return {};
  say(pasteable(harmless(plan_text(plan, kShown))));
  if (output.yes) return {};
  auto answer = says_yes(output.question + " [y/N] ");
  if (!answer) return pass(answer);
  if (!*answer) return fail(Errc::cancelled, "nothing was changed");
  return {};
}

/// What it means that tokens are activated without knowing their devices' clocks, said once for all of a job.
std::string computed_text(const ActivationClocks& clocks, bool dry_run) {
  constexpr std::size_t kShown = 10;
  if (clocks.computed == 0) return {};
  std::string out = fmt::format(
      "{}ctivated with computed codes: {} of {}. The tenant holds the right seeds, and takes the devices' clocks for right. "
      "Whether "
      "one is shows when its owner first signs in: if it is more than a minute or two off, the token is active and of no use. "
      "Check a device of each delivery (portalkey tokens check), or give codes that were read from the devices (--clocks).\n",
      dry_run ? "Would be a" : "A", clocks.computed, clocks.computed + clocks.own);
  if (clocks.long_ago.empty()) return out;
  out += "Made more than a year ago, by the file, and most likely to be off:";
  for (std::size_t i = 0; i < std::min(kShown, clocks.long_ago.size()); ++i)
    out += fmt::format("{} {} ({})", i == 0 ? "" : ",", clocks.long_ago[i].serial, clocks.long_ago[i].made);
  return out + (clocks.long_ago.size() > kShown ? fmt::format(" and {} more", clocks.long_ago.size() - kShown) : "") + "\n";
}

ExitCode print_dry_run(JobOutcome outcome, OutputFormat format) {
  const OutcomeOutput print{.of = outcomes_of(outcome), .format = format, .all = true};
  const auto clocks = activation_clocks(outcome);
  const ExitCode code = print_outcomes(std::move(outcome.tokens), print);
  if (format == OutputFormat::table) say(computed_text(clocks, true));
  if (outcome.puts_in && format == OutputFormat::table) say(kNotKnownHere);
  return code;
}

}  // namespace

void add_job_options(Command command, JobOutput& output) {
  const auto dry_run = command.flag("--dry-run", output.dry_run, "Look at the tenant, and tell what would be done");
  command.option("--report", output.report, "Also write what became of each token to FILE.csv, .json or .html")
      .type_name("FILE")
      .excludes(dry_run);
  add_rows_output_option(command, output.format);
}

void add_every_row_option(Command command, JobOutput& output) {
  command.flag("--all", output.all, "Print every token at the end, not only what somebody should look at");
}

void add_again_option(Command command, JobOutput& output) {
  command.flag("--again", output.again, "Also bring back tokens that were removed, unassigned or replaced before");
}

void add_consent_option(Command command, JobOutput& output, std::string question) {
  output.question = std::move(question);
  command.flag("-y,--yes", output.yes, "Do not ask (needed where there is no terminal)");
}

void check_consent(const std::string& command, const JobOutput& output) {
  if (!output.yes && !output.dry_run && !can_ask())
    throw WrongUsage(command, "there is no terminal to ask on: add --yes, or --dry-run to see what it would do");
}

JobTerms terms_of(const JobOutput& output) {
  JobTerms terms;
  terms.dry_run = output.dry_run;
  terms.again = output.again;
  terms.agree = [&output](const std::vector<JobToken>& tokens) -> Result<void> {
    if (!output.report.empty()) {
      if (auto known = report_format(output.report); !known) return pass(known);
    }
    return agreed(tokens, output);
  };
  return terms;
}

Result<ExitCode> print_job(Tenant& tenant, Result<JobOutcome> done, const JobOutput& output) {
  if (!done) return pass(done);
  if (done->dry_run) return print_dry_run(std::move(*done), *output.format);
  const Job& job = done->job;
  const std::string id = done->kept ? job.id : std::string();
  auto& stopped = done->stopped;
  if (!output.report.empty()) {
    const ReportSubject subject{id, job.file, job.tenant, job.backend, tenant.clock().now()};
    if (auto written = write_report(output.report, subject, done->tokens, in_commands); !written && !stopped)
      stopped = std::move(written).error();
  }
  const std::string resume = pasteable(fmt::format("portalkey jobs resume {}", id));
  if (stopped && done->kept) stopped = std::move(*stopped).with("job", id);
  if (stopped && std::ranges::none_of(done->tokens, begun)) {  // a line per token would only bury it
    if (done->kept) say(fmt::format("Resume with: {}\n", resume));
    return std::unexpected(std::move(*stopped));
  }
  const auto clocks = activation_clocks(*done);
  const OutcomeOutput print{.of = outcomes_of(*done), .format = *output.format, .all = output.all};
  const ExitCode code = print_outcomes(std::move(done->tokens), print);
  if (!done->all_settled() && done->kept) say(fmt::format("What is left can be done later: {}\n", resume));
  if (!done->kept) say("Nothing was changed in the tenant, so no job was kept.\n");
  if (stopped) return std::unexpected(std::move(*stopped));
  if (done->puts_in && *output.format == OutputFormat::table) say(kNotKnownHere);
  if (*output.format == OutputFormat::table) say(computed_text(clocks, false));
  return code;
}

}  // namespace portalkey
