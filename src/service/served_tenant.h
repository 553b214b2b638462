#pragma once
// A tenant that the service serves: its wiring, its queue, and a journal for looking and for cancelling.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "app/tenant/tenant.h"
#include "entra/session/session_clocks.h"
#include "service/audit/audit_log.h"
#include "service/callers/caller_use.h"
#include "service/mirror/mirror.h"
#include "service/queue/job_queue.h"

namespace portalkey {

class ServedTenant final : private JobObserver {
 public:
  /// `audit`, `mirror` and what `surroundings` refers to must outlive it.
  ServedTenant(Profile profile, Surroundings surroundings, AuditLog& audit, Mirror& mirror);
  ~ServedTenant() override;

  const std::string& name() const { return tenant_.profile().name; }
  Tenant& tenant() { return tenant_; }
  JobQueue& queue() { return queue_; }
  /// What is known of the service account's session, without asking Entra.
  struct SessionFigures {
    SessionClocks clocks;
    std::optional<WallTime> rotated;
    std::optional<Error> problem;  ///< why it could not be looked at
  };
  /// Reads the vault and remembers what it says.
  void look_at_session();
  SessionFigures session_figures() const;
  /// What a run or a rotation came of: that somebody must sign in stays known until one does without.
  void heard_of_session(const std::optional<Error>& failure);
  std::optional<Error> person_needed() const;
  /// Who is in which group of the tenant, by Microsoft Graph.
  GroupLimit& groups() { return groups_; }

  /// With the journal, one caller at a time. Makes it if there is none.
  template <class T>
  Result<T> with_jobs(const std::function<Result<T>(JobStore&)>& work) {
    const std::lock_guard turn(mutex_);
    if (!jobs_) {
      auto opened = tenant_.jobs();
      if (!opened) return pass(opened);
      jobs_ = std::move(*opened);
    }
    return work(*jobs_);
  }

  /// Portal paths that Portal.Invoke may call beside the documented reads (service settings).
  std::set<std::string> portal_paths;

 private:
  Result<void> beginning(const Job& job) override;
  void ended(const Job& job, const std::optional<Error>& why) override;
  Result<void> uploading(const std::string& job, const std::string& name) override;
  Result<void> settled(const std::string& job, const std::vector<TokenOutcome>& tokens) override;
  AuditEvent event(std::string action, const std::string& job) const;
  void tell_mirror(const TokenOutcome& token);

  Tenant tenant_;
  Result<bool> is_member(const std::string& group, const std::string& user);

  AuditLog& audit_;
  Mirror& mirror_;
  GroupLimit groups_;
  mutable std::mutex session_mutex_;
  SessionFigures session_;              // guarded by session_mutex_
  std::optional<Error> person_needed_;  // likewise
  std::mutex mutex_;
  std::unique_ptr<JobStore> jobs_;
  JobQueue queue_;
};

}  // namespace portalkey
