#include "app/operations/start_job.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/tenant/tenant_users.h"
#include "jobs/run/journal_record.h"
#include "jobs/run/run_job.h"

namespace portalkey {
namespace {

using Became = TokenOutcome::State;

bool settled(const JobToken& token) { return token.outcome.state != Became::not_done && token.outcome.state != Became::failed; }

/// As the journal counts it.
bool not_come_to(const JobToken& token) {
  return token.outcome.state == Became::not_done && (token.replaced_by.empty() || token.outcome.reason.empty());
}

bool is_put_in(const JobToken& token) {
  const auto state = token.outcome.state;
  return token.change == TokenChange::create &&
         (state == Became::active || state == Became::uploaded || state == Became::would_import);
}

/// It is not one of the journal that is resumed.
bool is_new(const Job& job) { return job.created == WallTime{}; }

std::string backend_of(Tenant& tenant) { return tenant.profile().backend == Backend::graph ? "graph" : "portal"; }

/// Counts a job's tokens, and gathers what became of each.
class Tally {
 public:
  explicit Tally(Job job) {
    outcome_.job = std::move(job);
    outcome_.job.failed = outcome_.job.not_come = 0;
  }

  void add(JobToken token) {
    all_settled_ = all_settled_ && settled(token);
    outcome_.puts_in = outcome_.puts_in || is_put_in(token);
    outcome_.job.failed += token.outcome.state == Became::failed;
    outcome_.job.not_come += not_come_to(token);
    outcome_.tokens.push_back(std::move(token.outcome));
  }

  bool all_settled() const { return all_settled_; }
  JobOutcome outcome() && {
    std::ranges::stable_sort(outcome_.tokens, {}, [](const auto& o) { return o.line == 0 ? INT64_MAX : o.line; });
    return std::move(outcome_);
  }

 private:
  JobOutcome outcome_;
  bool all_settled_ = true;
};

/// Who of the job's users has a guest's UPN and is none, if Graph can be asked.
Result<std::set<std::string>> members_among(Tenant& tenant, JobRecord& record, Progress& progress) {
  std::vector<std::string> upns;
  auto read = record.each([&](std::size_t, const JobToken& token) {
    if (token.outcome.state != Became::rejected && is_guest_upn(token.outcome.upn)) upns.push_back(token.outcome.upn);
  });
  if (!read) return pass(read);
  return external_members(tenant, upns, progress);
}

/// With what may not come back by this job. One that is resumed is held to what was taken away since it was begun.
Result<JobOptions> options_of(Tenant& tenant, const Job& job, const JobTerms& terms) {
  auto taken = tenant.taken_away();
  if (!taken) return pass(taken);
  const bool first_run = is_new(job) || job.state == Job::State::queued;
  std::erase_if(*taken, [&](const auto& entry) { return first_run ? terms.again : entry.second.when <= job.created; });
  JobOptions options;
  options.activate = job.activate;
  options.dry_run = terms.dry_run;
  options.upload_patience = tenant.profile().upload_timeout;
  options.not_again = std::move(*taken);
  return options;
}

/// Where the tokens of a job that moves them come from; null: it moves none.
std::unique_ptr<TokenDirectory> source_of(Tenant& tenant, const Job& job) {
  return job.kind == kMoveKind ? tenant.open_portal_tokens() : nullptr;
}

JobEnd run(Tenant& tenant, TokenDirectory& directory, JobRecord& record, JobOptions options, std::stop_token stop) {
  const auto progress = tenant.interaction().progress();
  auto members = members_among(tenant, record, *progress);
  if (!members) return {std::move(members).error(), {}};
  options.members = std::move(*members);
  return run_job(record, directory, options, tenant.clock(), tenant.random(), *progress, std::move(stop));
}

Result<JobOutcome> dry_run(Tenant& tenant, TokenDirectory& directory, Job job, std::vector<JobToken> tokens,
                           const JobTerms& terms) {
  auto options = options_of(tenant, job, terms);
  if (!options) return pass(options);
  HeldRecord record(tokens);
  const auto source = source_of(tenant, job);
  options->moves_from = source.get();
  auto end = run(tenant, directory, record, std::move(*options), tenant.stop());
  if (end.stopped) return std::unexpected(std::move(*end.stopped));
  Tally tally(std::move(job));
  for (auto& token : tokens) tally.add(std::move(token));
  auto outcome = std::move(tally).outcome();
  outcome.dry_run = true;
  return outcome;
}

Result<void> runnable(Tenant& tenant, const Job& job, Cancelled cancelled = Cancelled::refused) {
  const std::string backend = backend_of(tenant);
  if (job.tenant != tenant.profile().tenant || (job.backend != backend && job.kind != kMoveKind)) {
    return fail(Errc::invalid_input,
                fmt::format("the job {} is of tenant {} and backend {}, not of this profile's ({}, {})", job.id, job.tenant,
                            job.backend, tenant.profile().tenant, backend),
                "Use the profile the job was begun with, and [[setting|backend]] likewise.");
  }
  if (job.state == Job::State::cancelled && cancelled == Cancelled::refused)
    return fail(Errc::invalid_input, fmt::format("the job {} was cancelled", job.id), "Begin it again with its file.");
  return {};
}

/// Looked through, but its rows are not needed here.
Result<Job> check_runnable_job(Tenant& tenant, JobStore& store, const std::string& id) {
  // First what needs no passphrase; and again for what is read then, which may be another.
  if (auto job = find_runnable_job(tenant, store, id); !job) return job;
  auto job = store.check(id);
  if (!job) return job;
  if (auto fine = runnable(tenant, *job); !fine) return pass(fine);
  return job;
}

/// One that is new leaves no trace: nothing of it was sent.
std::unexpected<Error> not_begun(JobStore& store, const Lease& lease, const Job& job, Error why) {
  [[maybe_unused]] const auto gone = is_new(job) ? store.forget(lease) : store.release(lease);
  return std::unexpected(std::move(why));
}

}  // namespace

Job new_job(Tenant& tenant, std::string kind, std::string file) {
  Job job;
  job.id = tenant.random().guid();
  job.kind = std::move(kind);
  job.tenant = tenant.profile().tenant;
  job.backend = backend_of(tenant);
  job.file = std::move(file);
  return job;
}

Result<TenantCheck> read_tenant(Tenant& tenant, TokenDirectory& directory) {
  const auto progress = tenant.interaction().progress();
  progress->phase("reading the tenant's tokens");
  TenantCheck held;
  if (auto read = held.read(directory, tenant.deadline()); !read) return pass(read);
  return held;
}

Result<JobOutcome> start_job(Tenant& tenant, TokenDirectory& directory, Job job, std::vector<JobToken> tokens,
                             const JobTerms& terms) {
  if (terms.dry_run) return dry_run(tenant, directory, std::move(job), std::move(tokens), terms);
  if (terms.agree) {
    if (auto agreed = terms.agree(tokens); !agreed) return pass(agreed);
  }
  auto store = tenant.jobs();
  if (!store) return pass(store);
  if (terms.queue) {
    job.state = Job::State::queued;
    job.again = terms.again;
    job.begun_by = terms.begun_by;
    job.file = terms.file_name;
  }
  if (auto created = (*store)->create(job, tokens); !created) return pass(created);
  if (terms.queue) {
    if (terms.journaled) terms.journaled(job.id);
    JobOutcome queued;
    queued.job = std::move(job);
    queued.job.tokens = tokens.size();
    queued.kept = true;
    return queued;
  }
  auto lease = (*store)->claim(job.id);
  if (!lease) return std::unexpected(std::move(lease).error().with("job", job.id));  // which is in the journal
  job.tokens = tokens.size();
  std::vector<JobToken>().swap(tokens);  // from here on they are in the journal
  if (terms.journaled) terms.journaled(job.id);
  return continue_job(tenant, directory, **store, *lease, std::move(job), terms);
}

Result<Job> find_runnable_job(Tenant& tenant, JobStore& store, const std::string& id) {
  auto job = store.find(id);
  if (!job) return job;
  if (auto fine = runnable(tenant, *job); !fine) return pass(fine);
  return job;
}

Result<LoadedJob> load_runnable_job(Tenant& tenant, JobStore& store, const std::string& id, Cancelled cancelled) {
  auto job = store.find(id);
  if (!job) return pass(job);
  if (auto fine = runnable(tenant, *job, cancelled); !fine) return pass(fine);
  auto loaded = store.load(job->id);
  if (!loaded) return loaded;
  if (auto fine = runnable(tenant, loaded->job, cancelled); !fine) return pass(fine);
  return loaded;
}

Result<JobOutcome> resume_job(Tenant& tenant, JobStore& store, const std::string& id, std::stop_token stop) {
  auto job = find_runnable_job(tenant, store, id);
  if (!job) return pass(job);
  if (job->state == Job::State::planned) {
    return fail(Errc::invalid_input, fmt::format("{} is a saved plan", job->id),
                fmt::format("Do it with: [[apply|{}]]", job->id));
  }
  auto lease = store.claim(job->id);
  if (!lease) return pass(lease);
  auto checked = check_runnable_job(tenant, store, job->id);
  if (!checked) return not_begun(store, *lease, *job, std::move(checked).error());
  const auto directory = checked->kind == kMoveKind ? tenant.open_tokens_that_move() : tenant.open_tokens();
  JobTerms terms;
  terms.again = checked->again;
  terms.stop = std::move(stop);
  if (checked->state == Job::State::queued) {
    if (auto begun = store.begin(*lease); !begun) return not_begun(store, *lease, *job, std::move(begun).error());
  }
  return continue_job(tenant, *directory, store, *lease, std::move(*checked), terms);
}

Result<JobOutcome> continue_job(Tenant& tenant, TokenDirectory& directory, JobStore& store, const Lease& lease, Job job,
                                const JobTerms& terms) {
  auto pace = tenant.pace();
  if (!pace) return not_begun(store, lease, job, std::move(pace).error());
  auto options = options_of(tenant, job, terms);
  if (!options) return not_begun(store, lease, job, std::move(options).error());
  options->pace = pace->get();
  const auto source = source_of(tenant, job);
  options->moves_from = source.get();
  JournalRecord record(store, lease, job.tokens, tenant.clock(), terms.stop.stop_possible() ? terms.stop : tenant.stop());
  const auto asked_before = directory.changes_asked();
  auto end = run(tenant, directory, record, std::move(*options), record.stop());
  Tally tally(std::move(job));
  auto read = record.each([&](std::size_t row, const JobToken& token) {
    JobToken shown;
    shown.outcome = token.outcome;
    shown.change = token.change;
    shown.replaced_by = token.replaced_by;
    end.explain(row, shown);
    tally.add(std::move(shown));
  });
  const bool all_settled = read && tally.all_settled();
  auto outcome = std::move(tally).outcome();
  outcome.stopped = std::move(end.stopped);
  if (!read && !outcome.stopped) outcome.stopped = std::move(read).error();
  outcome.job.state = all_settled ? Job::State::done : Job::State::open;
  // What was never sent needs no record, and can be begun again with the same options.
  outcome.kept =
      !is_new(outcome.job) || directory.changes_asked() != asked_before || (source != nullptr && source->changes_asked() != 0);
  auto recorded = outcome.kept ? store.finish(lease, outcome.job.state) : store.forget(lease);
  if (!recorded && !outcome.stopped) outcome.stopped = std::move(recorded).error();
  return outcome;
}

}  // namespace portalkey
