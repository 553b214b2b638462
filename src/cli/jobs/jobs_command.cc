#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>

#include "base/json_text.h"
#include "base/time_text.h"
#include "base/visible_text.h"
#include "cli/jobs/job_output.h"
#include "cli/terminal/references.h"
#include "cli/tokens/tokens_command.h"
#include "jobs/report/report.h"

namespace portalkey {
namespace {

struct JobsCommand {
  std::vector<std::string> ids;  ///< as given: `last` is the newest
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
  std::string report;  ///< a file; empty: none
  bool all = false;
  std::chrono::hours older_than{0};
  bool with_removals = false, dry_run = false;
};

boost::json::object json_of(const Job& job) {
  return {{"id", job.id},
          {"kind", job.kind},
          {"state", state_text(job)},
          {"file", job.file},
          {"tenant", job.tenant},
          {"backend", job.backend},
          {"until", job.activate ? "active" : "uploaded"},
          {"tokens", job.tokens},
          {"good", job.good},
          {"created", iso_time(job.created)},
          {"updated", iso_time(job.updated)}};
}

Result<ExitCode> list(Tenant&, JobStore& store, const JobsCommand& command) {
  auto jobs = every_job(store);
  if (!jobs) return pass(jobs);
  if (*command.format == OutputFormat::json) {
    boost::json::array out;
    for (const auto& job : *jobs) out.push_back(json_of(job));
    print(json_text(out) + "\n");
    return ExitCode::done;
  }
  Table table({"JOB", "KIND", "STATE", "TOKENS", "DONE", "BACKEND", "CREATED", "FILE"});
  for (const auto& job : *jobs) {
    table.add({job.id, job.kind, std::string(state_text(job)), std::to_string(job.tokens), std::to_string(job.good),
               job.backend, iso_time(job.created), job.file});
  }
  print(table.text() + fmt::format("{} jobs\n", jobs->size()));
  return ExitCode::done;
}

Result<ExitCode> show(Tenant& services, JobStore& store, const std::string& id, const JobsCommand& command) {
  auto job = store.find(id);
  if (!job) return pass(job);
  std::vector<TokenOutcome> outcomes;
  if (auto read = store.each_token(id, [&](JobToken token) { outcomes.push_back(std::move(token.outcome)); }); !read)
    return pass(read);
  const auto checked = store.check(id);
  std::ranges::stable_sort(outcomes, {}, &TokenOutcome::line);
  const bool altered = !checked && checked.error().code == Errc::corrupt;
  if (!command.report.empty() && !altered) {
    const ReportSubject subject{job->id, job->file, job->tenant, job->backend, services.clock().now()};
    if (auto written = write_report(command.report, subject, outcomes, in_commands); !written) return pass(written);
  }
  const auto state = state_text(*job);
  if (*command.format == OutputFormat::table) {
    print(fmt::format("Job {} ({}): {}, {} of {} tokens done; {}{}, begun {}\n\n", job->id, job->kind, state, job->good,
                      job->tokens, job->file.empty() ? "" : "from " + visible_text(job->file) + ", ", job->backend,
                      iso_time(job->created)));
  }
  static_cast<void>(print_outcomes(
      std::move(outcomes), {.file = job->file, .job = job->id, .ended = state, .format = *command.format, .all = true}));
  if (checked) return ExitCode::done;
  if (altered) return std::unexpected(checked.error());
  warn(fmt::format("whether the journal was altered could not be checked: {}", checked.error().what));
  return ExitCode::done;
}

Result<ExitCode> resume(Tenant& services, JobStore& store, const std::string& id, const JobsCommand& command) {
  if (!command.report.empty()) {
    if (auto known = report_format(command.report); !known) return pass(known);
  }
  JobOutput output;
  output.format = command.format;
  output.report = command.report;
  output.all = command.all;
  return print_job(services, resume_job(services, store, id), output);
}

Result<ExitCode> cancel(Tenant&, JobStore& store, const std::string& id, const JobsCommand&) {
  auto job = store.find(id);
  if (!job) return pass(job);
  if (job->state == Job::State::done)
    return fail(Errc::invalid_input, fmt::format("the job {} is done", id), "portalkey jobs forget removes its record.");
  auto lease = store.claim(id);
  if (!lease) return pass(lease);
  if (auto done = store.finish(*lease, Job::State::cancelled); !done) return pass(done);
  say(fmt::format("Cancelled {}; its secret keys are wiped. What is in the tenant already stays there.\n", id));
  return ExitCode::done;
}

/// How many tokens only this job knows to have been taken away.
std::size_t taken_by(const TakenTokens& taken, const std::string& id) {
  return static_cast<std::size_t>(std::ranges::count_if(taken, [&](const auto& entry) { return entry.second.job == id; }));
}

Result<void> remove_record(JobStore& store, const std::string& id) {
  auto lease = store.claim(id);
  if (!lease) return pass(lease);
  return store.forget(*lease);
}

Result<ExitCode> forget(Tenant&, JobStore& store, const std::string& id, const JobsCommand&) {
  auto job = store.find(id);
  if (!job) return pass(job);
  auto taken = store.taken_away(job->tenant);
  if (!taken) return pass(taken);
  if (auto done = remove_record(store, id); !done) return pass(done);
  say(fmt::format("Forgotten {}. What is in the tenant already stays there.\n", id));
  if (const auto count = taken_by(*taken, id); count > 0) {
    say(fmt::format("With it goes the knowledge that {} tokens were taken away: a seed file that has them brings them back.\n",
                    count));
  }
  return ExitCode::done;
}

/// Ended jobs only, and not those that keep tokens from coming back.
Result<ExitCode> prune(Tenant& services, JobStore& store, const JobsCommand& command) {
  auto jobs = every_job(store);
  if (!jobs) return pass(jobs);
  std::map<std::string, TakenTokens> taken;  // by tenant: a profile may have been another's before
  for (const auto& job : *jobs) {
    if (taken.contains(job.tenant)) continue;
    auto read = store.taken_away(job.tenant);
    if (!read) return pass(read);
    taken.emplace(job.tenant, std::move(*read));
  }
  const auto before = services.clock().now() - command.older_than;
  std::size_t unfinished = 0, removals = 0;
  boost::json::array pruned;
  for (const auto& job : *jobs) {
    if (job.updated >= before) continue;
    if (job.state != Job::State::done && job.state != Job::State::cancelled) {
      ++unfinished;
      continue;
    }
    if (taken_by(taken.at(job.tenant), job.id) > 0 && !command.with_removals) {
      ++removals;
      continue;
    }
    if (!command.dry_run) {
      if (auto done = remove_record(store, job.id); !done) return pass(done);
    }
    pruned.emplace_back(job.id);
    if (*command.format == OutputFormat::table)
      print(fmt::format("{} {} ({}, {})\n", command.dry_run ? "would forget" : "forgot", job.id, job.kind,
                        iso_time(job.updated)));
  }
  if (*command.format == OutputFormat::json) {
    print(boost::json::serialize(boost::json::object{{"forgotten", std::move(pruned)},
                                                     {"keptUnfinished", unfinished},
                                                     {"keptRemovals", removals},
                                                     {"dryRun", command.dry_run}}) +
          "\n");
    return ExitCode::done;
  }
  print(fmt::format("{} jobs {}forgotten\n", pruned.size(), command.dry_run ? "would be " : ""));
  if (unfinished > 0)
    print(fmt::format("{} older ones are kept: they are not at their end (resume, cancel or forget them)\n", unfinished));
  if (removals > 0) {
    print(fmt::format("{} older ones are kept: they know which tokens were taken away and do not come back (--with-removals)\n",
                      removals));
  }
  return ExitCode::done;
}

using WorkOnOne = Result<ExitCode> (*)(Tenant&, JobStore&, const std::string& id, const JobsCommand&);
using WorkOnAll = Result<ExitCode> (*)(Tenant&, JobStore&, const JobsCommand&);

/// `last` by its name, others by how they begin.
Result<std::string> id_of(JobStore& store, const std::string& given) {
  if (given != "last") {
    auto job = store.find(given);
    if (!job) return pass(job);
    return std::move(job->id);
  }
  auto newest = store.list({}, 1);
  if (!newest) return pass(newest);
  if (newest->jobs.empty()) return fail(Errc::not_found, "there is no job", "Jobs are begun by tokens import and the like.");
  return std::move(newest->jobs.front().id);
}

/// Each by itself; what is wrong with one does not keep the others from it, unless a person is needed first.
Result<ExitCode> with_each(Tenant& services, JobStore& store, const JobsCommand& command, WorkOnOne work) {
  std::vector<std::string> ids;
  std::size_t count = 0, done = 0, failed = 0;
  for (const auto& given : command.ids) {
    auto id = id_of(store, given);
    if (id && std::ranges::find(ids, *id) != ids.end()) continue;
    ++count;
    if (id) ids.push_back(*id);
    auto result = id ? work(services, store, *id, command) : Result<ExitCode>(pass(id));
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
  add_output_option(command, options->format, false);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *options->format, [&](Tenant& services) -> Result<ExitCode> {
        auto store = services.jobs();
        if (!store) return pass(store);
        return work(services, **store, *options);
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
  add_output_option(command, options->format, false);
  command.callback([=, &globals, &run] {
    if (!options->report.empty() && options->ids.size() > 1) throw WrongUsage("--report", "is about one JOB");
    run = [=, &globals] {
      return with_tenant(globals, *options->format, [&](Tenant& services) -> Result<ExitCode> {
        auto store = services.jobs();
        if (!store) return pass(store);
        return with_each(services, **store, *options, work);
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

}  // namespace

void add_jobs_command(Command app, const Globals& globals, Run& run) {
  const auto jobs =
      app.subcommand("jobs", "Imports and other jobs, and how far they came: list, show, resume, cancel, forget, prune");
  jobs.require_subcommand();
  add(jobs, "list", "Every job of this profile, newest first", std::make_shared<JobsCommand>(), list, globals, run);
  add_of_ids(jobs, "show", "A job, and what became of each of its tokens", true, show, globals, run);
  add_of_ids(jobs, "resume", "Do what is left of a job; needs no seed file", true, resume, globals, run);
  add_of_ids(jobs, "cancel", "Give a job up: wipe its secret keys, keep its record", false, cancel, globals, run);
  add_of_ids(jobs, "forget", "Remove every trace of a job from the journal", false, forget, globals, run);
  auto options = std::make_shared<JobsCommand>();
  const auto command =
      add(jobs, "prune", "Forget the jobs that ended long ago; those with something left stay", options, prune, globals, run);
  command
      .option(
          "--older-than", [options](const std::string& text) { options->older_than = age_of(text); },
          "How long ago they ended at least: 12h, 90d, 8w")
      .required()
      .type_name("AGE");
  command.flag("--with-removals", options->with_removals,
               "Also those that know which tokens were taken away: a seed file can then bring these back");
  command.flag("--dry-run", options->dry_run, "Only tell which");
}

}  // namespace portalkey
