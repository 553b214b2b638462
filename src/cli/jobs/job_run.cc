#include "cli/jobs/job_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/tenant/tenant_users.h"
#include "cli/terminal/confirm.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/progress_line.h"
#include "cli/terminal/references.h"
#include "cli/tokens/plan_text.h"
#include "cli/tokens/tokens_command.h"
#include "jobs/report/report.h"
#include "jobs/run/journal_record.h"
#include "jobs/run/run_job.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;

bool settled(const JobToken& token) { return token.outcome.state != State::not_done && token.outcome.state != State::failed; }

/// As the journal counts it.
bool not_come_to(const JobToken& token) {
  return token.outcome.state == State::not_done && (token.replaced_by.empty() || token.outcome.reason.empty());
}

/// It is not one of the journal that is resumed.
bool is_new(const Job& job) { return job.created == WallTime{}; }

constexpr const char* kNotKnownHere =
    "Not known here: tokens taken away on another machine, with another profile, in the portal, or by jobs forgotten since. A "
    "seed file that has them brings them back.\n";

bool is_put_in(const JobToken& token) {
  const auto state = token.outcome.state;
  return token.change == TokenChange::create &&
         (state == State::active || state == State::uploaded || state == State::would_import);
}

bool begun(const JobToken& token) { return token.outcome.state != State::not_done && token.outcome.state != State::rejected; }

/// In the file's order.
void sort_by_line(std::vector<TokenOutcome>& outcomes) {
  std::ranges::stable_sort(outcomes, {}, [](const auto& o) { return o.line == 0 ? INT64_MAX : o.line; });
}

/// What became of a job's tokens.
struct JobSummary {
  std::vector<TokenOutcome> outcomes;
  bool all_settled = true, any_begun = false, puts_in = false, activated = false;
  std::size_t failed = 0, not_come = 0;

  void add(JobToken token) {
    all_settled = all_settled && settled(token);
    any_begun = any_begun || begun(token);
    puts_in = puts_in || is_put_in(token);
    activated = activated || token.outcome.state == State::active;
    failed += token.outcome.state == State::failed;
    not_come += not_come_to(token);
    outcomes.push_back(std::move(token.outcome));
  }
};

JobOptions options_of(Tenant& services, const Job& job) {
  JobOptions options;
  options.activate = job.activate;
  options.upload_patience = services.profile().upload_timeout;
  return options;
}

/// Who of the job's users has a guest's UPN and is none, if Graph can be asked.
Result<std::set<std::string>> members_among(Tenant& services, JobRecord& record, Progress& progress) {
  std::vector<std::string> upns;
  auto read = record.each([&](std::size_t, const JobToken& token) {
    if (token.outcome.state != State::rejected && is_guest_upn(token.outcome.upn)) upns.push_back(token.outcome.upn);
  });
  if (!read) return pass(read);
  return external_members(services, upns, progress);
}

/// What may not come back by this job. One that is resumed is held to what was taken away since it was begun.
Result<TakenTokens> not_again(Tenant& services, const Job& job, const JobOutput& output) {
  auto taken = services.taken_away();
  if (!taken) return taken;
  std::erase_if(*taken, [&](const auto& entry) { return is_new(job) ? output.again : entry.second.when <= job.created; });
  return taken;
}

Result<ExitCode> dry_run(Tenant& services, const Job& job, std::vector<JobToken> tokens, const JobOutput& output) {
  JobOptions options = options_of(services, job);
  options.dry_run = true;
  auto taken = not_again(services, job, output);
  if (!taken) return pass(taken);
  options.not_again = std::move(*taken);
  std::optional<Error> stopped;
  {
    ProgressLine progress(services.clock());
    HeldRecord record(tokens);
    auto members = members_among(services, record, progress);
    if (!members) return pass(members);
    options.members = std::move(*members);
    stopped =
        run_job(record, services.tokens(), options, services.clock(), services.random(), progress, services.stop()).stopped;
  }
  if (stopped) return std::unexpected(std::move(*stopped));
  OutcomeOutput print;
  print.file = job.file;
  print.format = *output.format;
  print.all = true;
  print.ended = "dry run";
  JobSummary summary;
  for (auto& token : tokens) summary.add(std::move(token));
  sort_by_line(summary.outcomes);
  const ExitCode code = print_outcomes(std::move(summary.outcomes), print);
  if (summary.puts_in && *output.format == OutputFormat::table) say(kNotKnownHere);
  return code;
}

Result<void> runnable(Tenant& services, const Job& job) {
  const std::string backend = services.profile().backend == Backend::graph ? "graph" : "portal";
  if (job.tenant != services.profile().tenant || job.backend != backend) {
    return fail(Errc::invalid_input,
                fmt::format("the job {} is of tenant {} and backend {}, not of this profile's ({}, {})", job.id, job.tenant,
                            job.backend, services.profile().tenant, backend),
                "Use the profile the job was begun with, and --backend likewise.");
  }
  if (job.state == Job::State::cancelled)
    return fail(Errc::invalid_input, fmt::format("the job {} was cancelled", job.id), "Begin it again with its file.");
  return {};
}

}  // namespace

void add_job_options(Command command, JobOutput& output) {
  const auto dry_run = command.flag("--dry-run", output.dry_run, "Look at the tenant, and tell what would be done");
  command.option("--report", output.report, "Also write what became of each token to FILE.csv, .json or .html")
      .type_name("FILE")
      .excludes(dry_run);
  add_output_option(command, output.format, false);
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

Job new_job(Tenant& services, std::string kind, std::string file) {
  Job job;
  job.id = services.random().guid();
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

JobToken refused_token(JobToken token, OutcomeCode code, std::string reason, std::string remedy) {
  token.seed = {};  // the journal has no columns for what is of no use
  token.outcome.state = State::rejected;
  token.outcome.code = code;
  token.outcome.reason = std::move(reason);
  token.outcome.remedy = std::move(remedy);
  return token;
}

JobToken refused_token(const RowProblem& problem) {
  const bool other_file = !problem.file.empty();
  return refused_token(job_token(TokenChange::create, problem.serial, problem.upn, other_file ? 0 : problem.line),
                       OutcomeCode::unusable_row,
                       fmt::format("{}{}: {}", other_file ? fmt::format("{} line {}: ", problem.file, problem.line) : "",
                                   problem.field, problem.what),
                       problem.remedy);
}

Result<TenantCheck> read_tenant(Tenant& services) {
  ProgressLine progress(services.clock());
  progress.phase("reading the tenant's tokens");
  TenantCheck tenant;
  if (auto read = tenant.read(services.tokens(), services.deadline()); !read) return pass(read);
  return tenant;
}

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

Result<ExitCode> start_job(Tenant& services, Job job, std::vector<JobToken> tokens, const JobOutput& output) {
  if (!output.report.empty()) {
    if (auto known = report_format(output.report); !known) return pass(known);
  }
  if (output.dry_run) return dry_run(services, job, std::move(tokens), output);
  if (auto yes = agreed(tokens, output); !yes) return pass(yes);
  auto store = services.jobs();
  if (!store) return pass(store);
  if (auto created = (*store)->create(job, tokens); !created) return pass(created);
  auto lease = (*store)->claim(job.id);
  if (!lease) return pass(lease);
  job.tokens = tokens.size();
  std::vector<JobToken>().swap(tokens);  // from here on they are in the journal
  return continue_job(services, **store, *lease, std::move(job), output);
}

Result<Job> find_runnable_job(Tenant& services, JobStore& store, const std::string& id) {
  auto job = store.find(id);
  if (!job) return job;
  if (auto fine = runnable(services, *job); !fine) return pass(fine);
  return job;
}

Result<LoadedJob> load_runnable_job(Tenant& services, JobStore& store, const std::string& id) {
  // First what needs no passphrase; and again for what is read then, which may be another.
  auto job = find_runnable_job(services, store, id);
  if (!job) return pass(job);
  auto loaded = store.load(job->id);
  if (!loaded) return loaded;
  if (auto fine = runnable(services, loaded->job); !fine) return pass(fine);
  return loaded;
}

Result<Job> check_runnable_job(Tenant& services, JobStore& store, const std::string& id) {
  if (auto job = find_runnable_job(services, store, id); !job) return job;
  auto job = store.check(id);
  if (!job) return job;
  if (auto fine = runnable(services, *job); !fine) return pass(fine);
  return job;
}

Result<ExitCode> continue_job(Tenant& services, JobStore& store, const Lease& lease, Job job, const JobOutput& output) {
  auto pace = services.pace();
  if (!pace) return pass(pace);
  JobOptions options = options_of(services, job);
  options.pace = pace->get();
  auto taken = not_again(services, job, output);
  if (!taken) return pass(taken);
  options.not_again = std::move(*taken);
  JournalRecord record(store, lease, job.tokens, services.clock(), services.stop());
  JobEnd end;
  const auto asked_before = services.tokens().changes_asked();
  {
    ProgressLine progress(services.clock());
    if (auto members = members_among(services, record, progress)) {
      options.members = std::move(*members);
      end = run_job(record, services.tokens(), options, services.clock(), services.random(), progress, record.stop());
    } else {
      end.stopped = std::move(members).error();
    }
  }
  auto& stopped = end.stopped;
  JobSummary summary;
  auto read = record.each([&](std::size_t row, const JobToken& token) {
    JobToken shown;
    shown.outcome = token.outcome;
    shown.change = token.change;
    shown.replaced_by = token.replaced_by;
    end.explain(row, shown);
    summary.add(std::move(shown));
  });
  if (!read && !stopped) stopped = std::move(read).error();
  const bool all_settled = read && summary.all_settled;
  // What was never sent needs no record, and can be begun again with the same command.
  const bool leaves_none = is_new(job) && services.tokens().changes_asked() == asked_before;
  job.state = all_settled ? Job::State::done : Job::State::open;
  job.failed = summary.failed;
  job.not_come = summary.not_come;
  auto recorded = leaves_none ? store.forget(lease) : store.finish(lease, job.state);
  if (!recorded && !stopped) stopped = recorded.error();
  if (leaves_none) job.id.clear();
  sort_by_line(summary.outcomes);

  if (!output.report.empty()) {
    const ReportSubject subject{job.id, job.file, job.tenant, job.backend, services.clock().now()};
    if (auto written = write_report(output.report, subject, summary.outcomes, in_commands); !written && !stopped)
      stopped = std::move(written).error();
  }
  const std::string resume = pasteable(fmt::format("portalkey jobs resume {}", job.id));
  if (stopped && !job.id.empty()) stopped = std::move(*stopped).with("job", job.id);
  if (stopped && !summary.any_begun) {  // a line per token would only bury it
    if (!job.id.empty()) say(fmt::format("Resume with: {}\n", resume));
    return std::unexpected(std::move(*stopped));
  }
  OutcomeOutput print;
  print.file = job.file;
  print.job = job.id;
  print.ended = leaves_none && all_settled ? "nothing changed" : state_text(job);
  print.format = *output.format;
  print.all = output.all;
  const ExitCode code = print_outcomes(std::move(summary.outcomes), print);
  if (!all_settled && !job.id.empty()) say(fmt::format("What is left can be done later: {}\n", resume));
  if (leaves_none) say("Nothing was changed in the tenant, so no job was kept.\n");
  if (stopped) return std::unexpected(std::move(*stopped));
  if (summary.puts_in && *output.format == OutputFormat::table) say(kNotKnownHere);
  if (summary.activated && *output.format == OutputFormat::table) {
    say("Activated with computed codes: the tenant holds the right seeds. Whether a device's own clock is right shows when its "
        "owner first signs in.\n");
  }
  return code;
}

}  // namespace portalkey
