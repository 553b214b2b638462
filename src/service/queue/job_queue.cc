#include "service/queue/job_queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/correlation.h"
#include "base/log.h"
#include "base/secret.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kAskPersonAgain{30};
constexpr std::size_t kMostStopped = 10'000;

}  // namespace

bool is_left_over(const Job& job) {
  if (job.begun_by.empty() || job.running) return false;
  // All its tokens may be good already: the process died before it wrote that the job is done.
  return job.state == Job::State::queued || (job.state == Job::State::open && (job.not_come != 0 || job.failed == 0));
}

bool takes_a_person(const Error& error) {
  return error.code == Errc::needs_person || error.code == Errc::unauthenticated || error.code == Errc::forbidden;
}

JobQueue::JobQueue(Tenant& tenant, JobObserver& observer, QueueRules rules)
    : tenant_(tenant), observer_(observer), rules_(rules) {}

JobQueue::~JobQueue() { stop(); }

Result<std::size_t> JobQueue::take_up() {
  auto store = tenant_.jobs_if_any();
  if (!store) return pass(store);
  if (*store == nullptr) return std::size_t{0};
  JobFilter filter;
  filter.tenant = tenant_.profile().tenant;
  std::vector<Job> left;
  for (const auto state : {Job::State::queued, Job::State::open}) {
    filter.state = state;
    auto jobs = every_job(**store, filter);
    if (!jobs) return pass(jobs);
    for (auto& job : *jobs) {
      if (is_left_over(job)) left.push_back(std::move(job));
    }
  }
  std::ranges::stable_sort(left, {}, &Job::created);
  std::erase_if(left, [&](const Job& job) { return waits_for_a_person(job.id); });
  for (const auto& job : left) submit(job.id, job.tokens);
  return left.size();
}

bool JobQueue::waits_for_a_person(const std::string& id) const {
  const std::lock_guard turn(mutex_);
  const auto stopped = stopped_.find(id);
  return stopped != stopped_.end() && takes_a_person(stopped->second.why) &&
         tenant_.clock().steady_now() - stopped->second.at < kAskPersonAgain;
}

std::optional<Error> JobQueue::why_stopped(const std::string& id) const {
  const std::lock_guard turn(mutex_);
  const auto stopped = stopped_.find(id);
  return stopped == stopped_.end() ? std::nullopt : std::optional(stopped->second.why);
}

void JobQueue::submit(const std::string& id, std::size_t tokens) {
  const std::lock_guard turn(mutex_);
  reap();
  if (stopping_ || has(id)) return;
  stopped_.erase(id);
  waiting_.push_back({id, tokens, tenant_.clock().steady_now()});
  start_what_may();
}

bool JobQueue::has(const std::string& id) const {
  return running_.contains(id) || std::ranges::any_of(waiting_, [&](const Waiting& one) { return one.id == id; });
}

void JobQueue::start_what_may() {
  while (!stopping_ && running_.size() < rules_.places) {
    const auto large =
        static_cast<std::size_t>(std::ranges::count_if(running_, [](const auto& r) { return !r.second.is_small; }));
    const bool large_may = large < rules_.places - rules_.for_small;
    const auto next =
        std::ranges::find_if(waiting_, [&](const Waiting& one) { return large_may || one.tokens <= rules_.small; });
    if (next == waiting_.end()) return;
    const std::string id = next->id;
    Running& running = running_[id];
    running.is_small = next->tokens <= rules_.small;
    waiting_.erase(next);
    running.thread = std::jthread([this, id, stop = running.stop.get_token()] { run(id, stop); });
  }
}

void JobQueue::run(const std::string& id, std::stop_token stop) {
  const Correlated work(id);
  Job job;
  job.id = id;
  auto why = do_job(id, stop, job);
  observer_.ended(job, why);
  const std::lock_guard turn(mutex_);
  if (stopped_.size() >= kMostStopped) stopped_.clear();
  if (why) stopped_.insert_or_assign(id, Stopped{std::move(*why), tenant_.clock().steady_now()});
  if (const auto it = running_.find(id); it != running_.end()) {
    over_.push_back(std::move(it->second.thread));
    running_.erase(it);
  }
  start_what_may();
  changed_.notify_all();
}

std::optional<Error> JobQueue::do_job(const std::string& id, const std::stop_token& stop, Job& job) {
  try {
    auto store = tenant_.jobs();
    if (!store) return std::move(store).error();
    if (auto found = (*store)->find(id)) job = std::move(*found);
    if (auto may = observer_.beginning(job); !may) return std::move(may).error();
    const auto watched = watch_effects(std::move(*store), observer_);
    auto done = resume_job(tenant_, *watched, id, stop);
    if (!done) return std::move(done).error();
    job = std::move(done->job);
    return std::move(done->stopped);
  } catch (const std::exception& e) {
    log(LogLevel::warning, fmt::format("the job {} failed unexpectedly: {}", id, e.what()));
    return Error{Errc::internal, "the job failed unexpectedly", "Resume it: [[resume-job|" + id + "]]", {}};
  }
}

bool JobQueue::stop_job(const std::string& id) {
  const std::lock_guard turn(mutex_);
  if (std::erase_if(waiting_, [&](const Waiting& one) { return one.id == id; }) != 0) {
    changed_.notify_all();
    return true;
  }
  const auto running = running_.find(id);
  if (running == running_.end()) return false;
  running->second.stop.request_stop();
  return true;
}

bool JobQueue::wait_for(const std::string& id, std::chrono::milliseconds patience) {
  std::unique_lock turn(mutex_);
  const bool gone = changed_.wait_for(turn, patience, [&] { return !has(id); });
  reap();
  return gone;
}

void JobQueue::reap() {
  // They are at their end: joining does not wait for work.
  over_.clear();
}

QueueFigures JobQueue::figures() const {
  const std::lock_guard turn(mutex_);
  QueueFigures figures{waiting_.size(), running_.size(), std::nullopt};
  if (!waiting_.empty())
    figures.oldest = std::chrono::floor<std::chrono::seconds>(tenant_.clock().steady_now() - waiting_.front().since);
  return figures;
}

void JobQueue::stop() {
  std::vector<std::jthread> threads;
  {
    std::unique_lock turn(mutex_);
    stopping_ = true;
    waiting_.clear();
    for (auto& [id, running] : running_) running.stop.request_stop();
    changed_.wait(turn, [this] { return running_.empty(); });
    threads = std::move(over_);
  }
}

}  // namespace portalkey
