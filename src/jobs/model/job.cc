#include "jobs/model/job.h"

namespace portalkey {

std::string_view name_of(Job::State state) {
  switch (state) {
    case Job::State::open: return "open";
    case Job::State::done: return "done";
    case Job::State::cancelled: return "cancelled";
    case Job::State::planned: return "planned";
    case Job::State::queued: return "queued";
  }
  return "";
}

std::optional<Job::State> job_state_of(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Job::State::queued); ++i) {
    if (const auto state = static_cast<Job::State>(i); name_of(state) == name) return state;
  }
  return std::nullopt;
}

std::string_view state_text(const Job& job) {
  if (job.state != Job::State::open) return name_of(job.state);
  if (job.running) return "running";
  return job.not_come == 0 && job.failed > 0 ? "finished with failures" : "interrupted";
}

}  // namespace portalkey
