#include "cli/job_run.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/file_lock.h"
#include "base/time_text.h"
#include "cli/progress_line.h"
#include "cli/tokens_command.h"
#include "jobs/report/report.h"
#include "jobs/run_job.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;

bool settled(const JobToken& token) { return token.outcome.state != State::not_done && token.outcome.state != State::failed; }

bool begun(const JobToken& token) { return token.outcome.state != State::not_done && token.outcome.state != State::rejected; }

/// In the file's order.
std::vector<TokenOutcome> outcomes_of(std::vector<JobToken>& tokens) {
  std::vector<TokenOutcome> outcomes;
  for (auto& token : tokens) outcomes.push_back(std::move(token.outcome));
  std::ranges::stable_sort(outcomes, {}, [](const auto& o) { return o.line == 0 ? INT64_MAX : o.line; });
  return outcomes;
}

JobOptions options_of(Services& services, const Job& job) {
  JobOptions options;
  options.activate = job.activate;
  options.upload_patience = services.profile().upload_timeout;
  return options;
}

Result<ExitCode> dry_run(Services& services, const Job& job, std::vector<JobToken> tokens, const JobOutput& output) {
  JobOptions options = options_of(services, job);
  options.dry_run = true;
  std::optional<Error> stopped;
  {
    ProgressLine progress(services.clock());
    stopped = run_job(tokens, services.tokens(), options, services.clock(), services.random(), progress, services.stop());
  }
  if (stopped) return std::unexpected(std::move(*stopped));
  return print_outcomes(outcomes_of(tokens), job.file, *output.format);
}

}  // namespace

void add_job_options(CLI::App& command, JobOutput& output) {
  auto* dry_run = command.add_flag("--dry-run", output.dry_run, "Look at the tenant, and tell what would be done");
  command.add_option("--report", output.report, "Also write what became of each token to FILE.csv, .json or .html")
      ->type_name("FILE")
      ->excludes(dry_run);
  add_output_option(command, output.format, false);
}

Job new_job(Services& services, std::string kind, std::string file) {
  Job job;
  std::string day = iso_time(services.clock().now()).substr(0, 10);
  std::erase(day, '-');
  job.id = day + "-";
  for (int i = 0; i < 4; ++i) job.id += static_cast<char>('a' + static_cast<char>(services.random().below(26)));
  job.kind = std::move(kind);
  job.tenant = services.profile().tenant;
  job.backend = services.profile().backend == Backend::graph ? "graph" : "portal";
  job.file = std::move(file);
  return job;
}

JobToken job_token(TokenChange change, std::string serial, std::string upn, std::int64_t line) {
  JobToken token;
  token.change = change;
  token.outcome.state = State::not_done;
  token.outcome.serial = std::move(serial);
  token.outcome.upn = std::move(upn);
  token.outcome.line = line;
  return token;
}

JobToken job_token(TokenChange change, TokenSeed seed) {
  JobToken token = job_token(change, seed.serial, seed.upn, seed.line);
  token.seed = std::move(seed);
  return token;
}

JobToken refused_token(JobToken token, std::string reason, std::string remedy) {
  token.seed = {};  // the journal has no columns for what is of no use
  token.outcome.state = State::rejected;
  token.outcome.reason = std::move(reason);
  token.outcome.remedy = std::move(remedy);
  return token;
}

JobToken refused_token(const RowProblem& problem) {
  const bool other_file = !problem.file.empty();
  return refused_token(job_token(TokenChange::create, problem.serial, problem.upn, other_file ? 0 : problem.line),
                       fmt::format("{}{}: {}", other_file ? fmt::format("{} line {}: ", problem.file, problem.line) : "",
                                   problem.field, problem.what),
                       problem.remedy);
}

Result<ExitCode> start_job(Services& services, Job job, std::vector<JobToken> tokens, const JobOutput& output) {
  if (!output.report.empty()) {
    if (auto known = report_format(output.report); !known) return pass(known);
  }
  if (output.dry_run) return dry_run(services, job, std::move(tokens), output);
  auto store = services.jobs();
  if (!store) return pass(store);
  if (auto created = (*store)->create(job, tokens); !created) return pass(created);
  return continue_job(services, **store, std::move(job), std::move(tokens), output);
}

Result<Job> find_runnable_job(Services& services, JobStore& store, const std::string& id) {
  auto job = store.find(id);
  if (!job) return job;
  const std::string backend = services.profile().backend == Backend::graph ? "graph" : "portal";
  if (job->tenant != services.profile().tenant || job->backend != backend) {
    return fail(Errc::invalid_input,
                fmt::format("the job {} is of tenant {} and backend {}, not of this profile's ({}, {})", id, job->tenant,
                            job->backend, services.profile().tenant, backend),
                "Use the profile the job was begun with, and --backend likewise.");
  }
  if (job->state == Job::State::cancelled)
    return fail(Errc::invalid_input, fmt::format("the job {} was cancelled", id), "Begin it again with its file.");
  return job;
}

Result<ExitCode> continue_job(Services& services, JobStore& store, Job job, std::vector<JobToken> tokens,
                              const JobOutput& output) {
  auto lock = FileLock::take(services.jobs_folder() / (job.id + ".lock"), std::chrono::milliseconds(0), services.clock(),
                             services.stop());
  if (!lock) {
    if (lock.error().code != Errc::conflict) return pass(lock);
    return fail(Errc::conflict, fmt::format("another process runs the job {}", job.id), "Wait until it is done, or end it.");
  }
  auto pace = services.pace();
  if (!pace) return pass(pace);
  JobOptions options = options_of(services, job);
  options.pace = pace->get();
  options.store = &store;
  options.job = job.id;
  std::optional<Error> stopped;
  {
    ProgressLine progress(services.clock());
    stopped = run_job(tokens, services.tokens(), options, services.clock(), services.random(), progress, services.stop());
  }
  const bool all_settled = std::ranges::all_of(tokens, settled);
  const bool any_begun = std::ranges::any_of(tokens, begun);
  auto finished = store.finish(job.id, all_settled ? Job::State::done : Job::State::open);
  if (!finished && !stopped) stopped = finished.error();
  const auto outcomes = outcomes_of(tokens);

  if (!output.report.empty()) {
    const ReportSubject subject{job.id, job.file, job.tenant, job.backend, services.clock().now()};
    if (auto written = write_report(output.report, subject, outcomes); !written && !stopped)
      stopped = std::move(written).error();
  }
  if (stopped && !any_begun) {  // a line per token would only bury it
    say(fmt::format("Resume with: portalkey jobs resume {}\n", job.id));
    return std::unexpected(std::move(*stopped));
  }
  const ExitCode code = print_outcomes(outcomes, job.file, *output.format);
  if (!all_settled) say(fmt::format("What is left can be done later: portalkey jobs resume {}\n", job.id));
  if (stopped) return std::unexpected(std::move(*stopped));
  const bool activated = std::ranges::any_of(outcomes, [](const auto& o) { return o.state == State::active; });
  if (activated && *output.format == OutputFormat::table) {
    say("Activated with computed codes: the tenant holds the right seeds. Whether a device's own clock is right shows when its "
        "owner first signs in.\n");
  }
  return code;
}

}  // namespace portalkey
