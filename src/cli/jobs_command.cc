#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "base/file_lock.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/job_run.h"
#include "cli/tokens_command.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

using Work = Result<ExitCode> (*)(Services&, JobStore&, const std::string& id, OutputFormat, const std::string& report);

boost::json::object json_of(const Job& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", name_of(job.state)},
          {"file", job.file},
          {"tenant", job.tenant},
          {"backend", job.backend},
          {"until", job.activate ? "active" : "uploaded"},
          {"tokens", job.tokens},
          {"good", job.good},
          {"created", iso_time(job.created)},
          {"updated", iso_time(job.updated)}};
}

Result<ExitCode> list(Services&, JobStore& store, const std::string&, OutputFormat format, const std::string&) {
  auto jobs = store.list();
  if (!jobs) return pass(jobs);
  if (format == OutputFormat::json) {
    boost::json::array out;
    for (const auto& job : *jobs) out.push_back(json_of(job));
    print(json_text(out) + "\n");
    return ExitCode::done;
  }
  Table table({"JOB", "KIND", "STATE", "TOKENS", "DONE", "BACKEND", "CREATED", "FILE"});
  for (const auto& job : *jobs) {
    table.add({job.id, job.kind, std::string(name_of(job.state)), std::to_string(job.tokens), std::to_string(job.good),
               job.backend, iso_time(job.created), job.file});
  }
  print(table.text() + fmt::format("{} jobs\n", jobs->size()));
  return ExitCode::done;
}

Result<ExitCode> show(Services& services, JobStore& store, const std::string& id, OutputFormat format,
                      const std::string& report) {
  auto job = store.find(id);
  if (!job) return pass(job);
  auto tokens = store.tokens(id, false);
  if (!tokens) return pass(tokens);
  std::vector<TokenOutcome> outcomes;
  for (auto& token : *tokens) outcomes.push_back(std::move(token.outcome));
  std::ranges::stable_sort(outcomes, {}, &TokenOutcome::line);
  if (!report.empty()) {
    const ReportSubject subject{job->id, job->file, job->tenant, job->backend, services.clock().now()};
    if (auto written = write_report(report, subject, outcomes); !written) return pass(written);
  }
  if (format == OutputFormat::table) {
    print(fmt::format("Job {} ({}): {}, {} of {} tokens done; {}{}, begun {}\n\n", job->id, job->kind, name_of(job->state),
                      job->good, job->tokens, job->file.empty() ? "" : "from " + job->file + ", ", job->backend,
                      iso_time(job->created)));
  }
  static_cast<void>(print_outcomes(outcomes, job->file, format));
  return ExitCode::done;
}

Result<ExitCode> resume(Services& services, JobStore& store, const std::string& id, OutputFormat format,
                        const std::string& report) {
  if (!report.empty()) {
    if (auto known = report_format(report); !known) return pass(known);
  }
  auto job = find_runnable_job(services, store, id);
  if (!job) return pass(job);
  if (job->state == Job::State::planned) {
    return fail(Errc::invalid_input, fmt::format("{} is a saved plan", id),
                fmt::format("Do it with: portalkey tokens apply {}", id));
  }
  auto tokens = store.tokens(id, true);
  if (!tokens) return pass(tokens);
  JobOutput output;
  *output.format = format;
  output.report = report;
  return continue_job(services, store, std::move(*job), std::move(*tokens), output);
}

/// Not while another process runs it.
Result<FileLock> alone(Services& services, const std::string& id) {
  auto lock =
      FileLock::take(services.jobs_folder() / (id + ".lock"), std::chrono::milliseconds(0), services.clock(), services.stop());
  if (!lock && lock.error().code == Errc::conflict)
    return fail(Errc::conflict, fmt::format("another process runs the job {}", id), "End that process first.");
  return lock;
}

Result<ExitCode> cancel(Services& services, JobStore& store, const std::string& id, OutputFormat, const std::string&) {
  auto job = store.find(id);
  if (!job) return pass(job);
  auto lock = alone(services, id);
  if (!lock) return pass(lock);
  if (job->state == Job::State::done)
    return fail(Errc::invalid_input, fmt::format("the job {} is done", id), "portalkey jobs forget removes its record.");
  if (auto done = store.finish(id, Job::State::cancelled); !done) return pass(done);
  say(fmt::format("Cancelled; its secret keys are wiped. What is in the tenant already stays there.\n"));
  return ExitCode::done;
}

Result<ExitCode> forget(Services& services, JobStore& store, const std::string& id, OutputFormat, const std::string&) {
  auto job = store.find(id);
  if (!job) return pass(job);
  auto lock = alone(services, id);
  if (!lock) return pass(lock);
  if (auto done = store.forget(id); !done) return pass(done);
  std::error_code ignored;
  std::filesystem::remove(services.jobs_folder() / (id + ".lock"), ignored);
  say("Forgotten. What is in the tenant already stays there.\n");
  return ExitCode::done;
}

void add(CLI::App& jobs, const char* name, const char* what, bool of_one, bool reports, Work work, const Globals& globals,
         Run& run) {
  auto id = std::make_shared<std::string>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = jobs.add_subcommand(name, what);
  auto report = std::make_shared<std::string>();
  if (reports) command->add_option("--report", *report, "Also write it to FILE.csv, .json or .html")->type_name("FILE");
  if (of_one) command->add_option("JOB", *id, "As jobs list names it")->required();
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) -> Result<ExitCode> {
        auto store = services.jobs();
        if (!store) return pass(store);
        return work(services, **store, *id, *format, *report);
      });
    };
  });
}

}  // namespace

void add_jobs_command(CLI::App& app, const Globals& globals, Run& run) {
  auto* jobs = app.add_subcommand("jobs", "Imports and other jobs, and how far they came: list, show, resume, cancel, forget");
  jobs->require_subcommand(1);
  add(*jobs, "list", "Every job of this profile, newest first", false, false, list, globals, run);
  add(*jobs, "show", "A job, and what became of each of its tokens", true, true, show, globals, run);
  add(*jobs, "resume", "Do what is left of a job; needs no seed file", true, true, resume, globals, run);
  add(*jobs, "cancel", "Give a job up: wipe its secret keys, keep its record", true, false, cancel, globals, run);
  add(*jobs, "forget", "Remove every trace of a job from the journal", true, false, forget, globals, run);
}

}  // namespace portalkey
