#pragma once
// Does a tenant's jobs in this process, several at once, each on a thread of its own under a lease of the journal. All share
// the tenant's session, its limit on activations and its requests in flight. Some places are for small jobs alone, so that one
// token does not wait behind a hundred thousand.

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "app/operations/start_job.h"
#include "service/queue/audited_jobs.h"

namespace portalkey {

struct QueueRules {
  std::size_t places = 8;     ///< jobs at once
  std::size_t for_small = 3;  ///< of the places: for small jobs only
  std::size_t small = 100;    ///< a job of at most so many tokens is small
};

struct QueueFigures {
  std::size_t waiting = 0, running = 0;
  std::optional<std::chrono::seconds> oldest;  ///< how long the first one has waited
};

/// Told when a job begins and ends, by the thread that does it.
class JobObserver : public EffectObserver {
 public:
  /// An Error: the job must not begin now; take_up() finds it again.
  virtual Result<void> beginning(const Job& job) = 0;
  virtual void ended(const Job& job, const std::optional<Error>& why) = 0;
};

/// Nothing but a person helps: to try again by itself would only ask Entra in vain.
bool takes_a_person(const Error& error);

/// It was begun by a call of the service and is not at its end for want of a run: take_up() goes on with it.
bool is_left_over(const Job& job);

class JobQueue {
 public:
  /// All must outlive it.
  JobQueue(Tenant& tenant, JobObserver& observer, QueueRules rules = {});
  ~JobQueue();  ///< stops
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Takes up what the service began and did not end, such as before a restart; what takes a person only now and then. What was
  /// begun from a command line is left to it. By the journal: to be called once it can be opened.
  Result<std::size_t> take_up();
  /// A job of the journal that waits for its turn, or is to go on.
  void submit(const std::string& id, std::size_t tokens);
  /// Asks a job that this queue runs to stop: at once, not with its next heartbeat. One that waits does not begin. False: it
  /// has neither.
  bool stop_job(const std::string& id);
  /// Until the job has ended or stopped, or for `patience`. True: this queue does not have it any more.
  bool wait_for(const std::string& id, std::chrono::milliseconds patience);
  /// Why its last run here ended early; nullopt: it did not, it runs, or that is forgotten.
  std::optional<Error> why_stopped(const std::string& id) const;
  QueueFigures figures() const;
  /// Jobs that run are asked to stop, at a safe place, and go on after the next start; returns when they have.
  void stop();

 private:
  struct Waiting {
    std::string id;
    std::size_t tokens = 0;
    SteadyTime since{};
  };
  struct Running {
    std::stop_source stop;
    bool is_small = false;
    std::jthread thread;
  };
  bool has(const std::string& id) const;
  bool waits_for_a_person(const std::string& id) const;
  void start_what_may();
  void run(const std::string& id, std::stop_token stop);
  std::optional<Error> do_job(const std::string& id, const std::stop_token& stop, Job& job);
  void reap();

  Tenant& tenant_;
  JobObserver& observer_;
  QueueRules rules_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::map<std::string, Running> running_;
  struct Stopped {
    Error why;
    SteadyTime at{};
  };
  std::map<std::string, Stopped> stopped_;  // the last runs of jobs that are not at their end
  std::vector<std::jthread> over_;          // threads that have done, to be joined
  bool stopping_ = false;
};

}  // namespace portalkey
