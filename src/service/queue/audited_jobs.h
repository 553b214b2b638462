#pragma once
// A job store that tells what becomes of each token, before the outcome can be lost: the audit trail and the mirror hear of
// every effect on the tenant. If the trail does not take it, the job stops.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "jobs/store/job_store.h"

namespace portalkey {

/// What a job does to the tenant, in the order in which it happens.
class EffectObserver {
 public:
  virtual ~EffectObserver() = default;
  /// Before an upload is sent under this name.
  virtual Result<void> uploading(const std::string& job, const std::string& name) = 0;
  /// What became of tokens; before that is durable in the journal.
  virtual Result<void> settled(const std::string& job, const std::vector<TokenOutcome>& tokens) = 0;
};

/// `next` for one job, watched by `observer`, which must outlive it.
std::unique_ptr<JobStore> watch_effects(std::unique_ptr<JobStore> next, EffectObserver& observer);

}  // namespace portalkey
