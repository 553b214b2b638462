#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/audit/audit_trail.h"
#include "service/audit/checkpoint_senders.h"

namespace portalkey {

/// A checkpoint after so many entries, or so much time, whichever comes first; none while nothing new came.
struct CheckpointRules {
  std::int64_t entries = 1000;
  std::chrono::minutes time{15};
};

/// What a sender had last, for metrics and health.
struct SenderState {
  std::string name;
  std::int64_t seq = 0;         ///< 0: nothing yet
  std::optional<Error> failed;  ///< why the newest checkpoint is not there
};

/// Makes checkpoints when they are due, and sees to it that each sender gets the newest. By one thread at a time; what it
/// refers to must outlive it.
class Checkpointer {
 public:
  Checkpointer(AuditTrail& trail, const SigningKey& key, Clock& clock, CheckpointRules rules,
               std::vector<CheckpointSender> senders);
  /// To be called often, a few times a minute: makes a checkpoint if one is due, and sends again what could not be sent.
  Result<void> tick();
  /// As tick, and a checkpoint is due whenever something new came: at the end of the process.
  Result<void> finish();
  const std::vector<SenderState>& senders() const { return states_; }

 private:
  Result<void> run(bool now);
  bool due(const AuditTrail::End& end, const std::optional<Checkpoint>& last, bool now) const;
  void send(const Checkpoint& checkpoint, bool now);

  AuditTrail& trail_;
  const SigningKey& key_;
  Clock& clock_;
  CheckpointRules rules_;
  std::vector<CheckpointSender> senders_;
  std::vector<SenderState> states_;
  std::vector<std::optional<SteadyTime>> sent_;  ///< when each had its last
  SteadyTime since_;                             ///< when a checkpoint was last seen to be made
};

}  // namespace portalkey
