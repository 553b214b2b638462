#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/json/job_json.h"
#include "app/operations/undo_job.h"
#include "base/counted.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "cli/jobs/job_output.h"
#include "cli/jobs/outcome_output.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"
#include "cli/terminal/rows.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

struct JobsCommand {
  std::vector<std::string> ids;  ///< as given: `last` is the newest
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
  std::string report;  ///< a file; empty: none
  bool all = false;
  JobPruning pruning;
};

Result<ExitCode> list(Tenant&, JobStore& store, const JobsCommand& command) {
  auto jobs = every_job(store);
  if (!jobs) return pass(jobs);
  if (*command.format == OutputFormat::json) {
    print_json(json_of(*jobs));
    return ExitCode::done;
  }
  Rows rows({"job", "kind", "state", "tokens", "done", "backend", "created", "file"});
  for (const auto& job : *jobs) {
    rows.add({job.id, job.kind, state_text(job), Cell::number(static_cast<std::int64_t>(job.tokens)),
              Cell::number(static_cast<std::int64_t>(job.good)), job.backend, iso_time(job.created), job.file});
  }
  print(rows.text(*command.format));
  if (*command.format == OutputFormat::table) print(counted(jobs->size(), "job") + "\n");
  return ExitCode::done;
}

Result<ExitCode> show(Tenant& tenant, JobStore& store, const std::string& id, const JobsCommand& command) {
  auto shown = show_job(store, id);
  if (!shown) return pass(shown);
  const Job& job = shown->job;
  if (!command.report.empty() && !shown->altered()) {
    const ReportSubject subject{job.id, job.file, job.tenant, job.backend, tenant.clock().now()};
    if (auto written = write_report(command.report, subject, shown->tokens, in_commands); !written) return pass(written);
  }
  if (*command.format == OutputFormat::table) {
    print(fmt::format("Job {} ({}): {}, {} of {} done; {}{}, begun {}\n\n", job.id, job.kind, state_text(job), job.good,
                      counted(job.tokens, "token"), job.file.empty() ? "" : "from " + visible_text(job.file) + ", ",
                      job.backend, iso_time(job.created)));
  }
  const OutcomeOutput output{.of = outcomes_of(*shown), .format = *command.format, .all = true};
  static_cast<void>(print_outcomes(std::move(shown->tokens), output));
  if (!shown->unsound) return ExitCode::done;
  if (shown->altered()) return std::unexpected(std::move(*shown->unsound));
  warn(fmt::format("whether the journal was altered could not be checked: {}", shown->unsound->what));
  return ExitCode::done;
}

Result<ExitCode> resume(Tenant& tenant, JobStore& store, const std::string& id, const JobsCommand& command) {
  if (!command.report.empty()) {
    if (auto known = report_format(command.report); !known) return pass(known);
  }
  JobOutput output;
  output.format = command.format;
  output.report = command.report;
  output.all = command.all;
  return print_job(tenant, resume_job(tenant, store, id), output);
}

Result<ExitCode> cancel(Tenant& tenant, JobStore& store, const std::string& id, const JobsCommand&) {
  auto cancelled = cancel_job(tenant, store, {.id = id});
  if (!cancelled) return pass(cancelled);
  say(fmt::format("Cancelled {}{}; its secret keys are wiped. What is in the tenant already stays there.\n", id,
                  cancelled->was_running ? ", which another process ran until it was asked to stop" : ""));
  return ExitCode::done;
}

Result<ExitCode> forget(Tenant&, JobStore& store, const std::string& id, const JobsCommand&) {
  auto forgotten = forget_job(store, id);
  if (!forgotten) return pass(forgotten);
  say(fmt::format("Forgotten {}. What is in the tenant already stays there.\n", id));
  if (forgotten->taken_away > 0) {
    say(fmt::format("With it goes the knowledge that {} taken away: a seed file that has them brings them back.\n",
                    forgotten->taken_away == 1 ? "1 token was" : fmt::format("{} tokens were", forgotten->taken_away)));
  }
  return ExitCode::done;
}

void print_pruned(const PrunedJobs& pruned) {
  for (const auto& job : pruned.forgotten)
    print(fmt::format("{} {} ({}, {})\n", pruned.dry_run ? "would forget" : "forgot", job.id, job.kind, iso_time(job.updated)));
  if (pruned.stopped) return;
  print(fmt::format("{} {}forgotten\n", counted(pruned.forgotten.size(), "job"), pruned.dry_run ? "would be " : ""));
  if (pruned.kept_unfinished > 0) {
    print(fmt::format("{} older ones are kept: they are not at their end (resume, cancel or forget them)\n",
                      pruned.kept_unfinished));
  }
  if (pruned.kept_removals > 0) {
    print(fmt::format("{} older ones are kept: they know which tokens were taken away and do not come back (--with-removals)\n",
                      pruned.kept_removals));
  }
}

Result<ExitCode> prune(Tenant& tenant, JobStore& store, const JobsCommand& command) {
  auto pruned = prune_jobs(tenant, store, command.pruning);
  if (!pruned) return pass(pruned);
  if (*command.format == OutputFormat::table) print_pruned(*pruned);
  if (pruned->stopped) return std::unexpected(std::move(*pruned->stopped));
  if (*command.format == OutputFormat::json) print_json(json_of(*pruned));
  return ExitCode::done;
}

using WorkOnOne = Result<ExitCode> (*)(Tenant&, JobStore&, const std::string& id, const JobsCommand&);
using WorkOnAll = Result<ExitCode> (*)(Tenant&, JobStore&, const JobsCommand&);

/// Each by itself; what is wrong with one does not keep the others from it, unless a person is needed first.
Result<ExitCode> with_each(Tenant& tenant, JobStore& store, const JobsCommand& command, WorkOnOne work) {
  std::vector<std::string> ids;
  std::size_t count = 0, done = 0, failed = 0;
  for (const auto& given : command.ids) {
    auto id = job_named(store, given);
    if (id && std::ranges::find(ids, *id) != ids.end()) continue;
    ++count;
    if (id) ids.push_back(*id);
    auto result = id ? work(tenant, store, *id, command) : Result<ExitCode>(pass(id));
    if (command.ids.size() == 1) return result;
    if (!result && (result.error().code == Errc::cancelled || result.error().code == Errc::needs_person)) return result;
    if (!result) report_error(result.error(), *command.format);
    done += result && *result == ExitCode::done;
    failed += !result || *result == ExitCode::failed;
  }
  return done == count ? ExitCode::done : failed == count ? ExitCode::failed : ExitCode::partly_done;
}

Command add(Command jobs, const char* name, const char* what, const std::shared_ptr<JobsCommand>& options, WorkOnAll work,
            const Globals& globals, Run& run) {
  const auto command = jobs.subcommand(name, what);
  if (std::string_view(name) == "list") {
    add_rows_output_option(command, options->format);
  } else {
    add_output_option(command, options->format, false);
  }
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *options->format, [&](Tenant& tenant) -> Result<ExitCode> {
        auto store = tenant.jobs();
        if (!store) return pass(store);
        return work(tenant, **store, *options);
      });
    };
  });
  return command;
}

void add_of_ids(Command jobs, const char* name, const char* what, bool reports, WorkOnOne work, const Globals& globals,
                Run& run) {
  auto options = std::make_shared<JobsCommand>();
  const auto command = jobs.subcommand(name, what);
  if (reports)
    command.option("--report", options->report, "Also write it to FILE.csv, .json or .html (of one JOB)").type_name("FILE");
  if (work == resume)
    command.flag("--all", options->all, "Print every token at the end, not only what somebody should look at");
  command.option("JOB", options->ids, "As jobs list names them, or how that begins; last is the newest").required();
  if (reports) {
    add_rows_output_option(command, options->format);
  } else {
    add_output_option(command, options->format, false);
  }
  command.callback([=, &globals, &run] {
    if (!options->report.empty() && options->ids.size() > 1) throw WrongUsage("--report", "is about one JOB");
    run = [=, &globals] {
      return with_tenant(globals, *options->format, [&](Tenant& tenant) -> Result<ExitCode> {
        auto store = tenant.jobs();
        if (!store) return pass(store);
        return with_each(tenant, **store, *options, work);
      });
    };
  });
}

std::chrono::hours age_of(const std::string& text) {
  std::int64_t count = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  const std::string_view unit(read.ptr, end);
  const int hours = unit == "h" ? 1 : unit == "d" ? 24 : unit == "w" ? 7 * 24 : 0;
  if (read.ec != std::errc() || hours == 0 || count < 0 || count > 100'000)
    throw WrongUsage("--older-than", "takes a number and h, d or w: 90d");
  return std::chrono::hours(count * hours);
}

struct UndoCommand {
  std::string job;
  JobOutput output;
};

Result<ExitCode> undo(Tenant& tenant, const UndoCommand& command) {
  auto store = tenant.jobs();
  if (!store) return pass(store);
  auto id = job_named(**store, command.job);
  if (!id) return pass(id);
  return print_job(tenant, undo_job(tenant, **store, *id, terms_of(command.output)), command.output);
}

void add_undo(Command jobs, const Globals& globals, Run& run) {
  auto options = std::make_shared<UndoCommand>();
  const auto command = jobs.subcommand(
      "undo", "Take back what a job did: remove what it put in, unassign what it gave; says first what cannot be taken back");
  command.option("JOB", options->job, "As jobs list names it, or how that begins; last is the newest").required();
  add_consent_option(command, options->output, "Undo this? Tokens that are removed can no longer be used to sign in.");
  add_job_options(command, options->output);
  command.callback([=, &globals, &run] {
    check_consent("jobs undo", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return undo(tenant, *options); });
    };
  });
}

}  // namespace

void add_jobs_command(Command app, const Globals& globals, Run& run) {
  const auto jobs =
      app.subcommand("jobs", "Imports and other jobs, and how far they came: list, show, resume, undo, cancel, forget, prune");
  jobs.require_subcommand();
  add(jobs, "list", "Every job of this profile, newest first", std::make_shared<JobsCommand>(), list, globals, run);
  add_of_ids(jobs, "show", "A job, and what became of each of its tokens", true, show, globals, run);
  add_of_ids(jobs, "resume", "Do what is left of a job; needs no seed file", true, resume, globals, run);
  add_undo(jobs, globals, run);
  add_of_ids(jobs, "cancel", "Give a job up: wipe its secret keys, keep its record", false, cancel, globals, run);
  add_of_ids(jobs, "forget", "Remove every trace of a job from the journal", false, forget, globals, run);
  auto options = std::make_shared<JobsCommand>();
  const auto command =
      add(jobs, "prune", "Forget the jobs that ended long ago; those with something left stay", options, prune, globals, run);
  command
      .option(
          "--older-than", [options](const std::string& text) { options->pruning.older_than = age_of(text); },
          "How long ago they ended at least: 12h, 90d, 8w")
      .required()
      .type_name("AGE");
  command.flag("--with-removals", options->pruning.with_removals,
               "Also those that know which tokens were taken away: a seed file can then bring these back");
  command.flag("--dry-run", options->pruning.dry_run, "Only tell which");
}

}  // namespace portalkey
