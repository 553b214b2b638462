#pragma once
// A trail with what keeps it honest: its beginning, its checkpoints, and what is left of what was pruned.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/audit/audit_log.h"
#include "service/audit/checkpoint.h"

namespace portalkey {

/// Where a chain begins: after `number`, with `hash` as the hash of the one before.
struct ChainBeginning {
  std::string trail;                ///< its id
  std::optional<WallTime> made;     ///< empty: not told (an export as CSV, or of a part)
  std::optional<PruningStub> stub;  ///< empty: nothing was pruned
  std::int64_t number = 0;          ///< the last that is not there any more
  std::string hash;
};

/// A trail as it is at one moment, whoever writes meanwhile; or an export of one.
class TrailReading {
 public:
  /// `previous`: what stands beside the entry as the hash of the one before; empty where that is not written down.
  using TakeEntry = std::function<Result<void>(const AuditEntry&, std::string_view previous)>;
  virtual ~TrailReading() = default;
  virtual const ChainBeginning& beginning() const = 0;
  /// The last of it where later entries were left out on purpose (an export of a part); 0: it goes on to the trail's end.
  virtual std::int64_t left_out_after() const { return 0; }
  /// From number `from` on, as they stand there; ends with `take`'s error. May be called again.
  virtual Result<void> each(std::int64_t from, const TakeEntry& take) = 0;
  /// Those that are kept with it, the oldest first.
  virtual Result<std::vector<Checkpoint>> checkpoints() = 0;
};

class AuditTrail : public AuditLog {
 public:
  struct End {
    std::string trail;
    std::int64_t seq = 0;  ///< 0: nothing is there yet
    std::string head;
  };
  virtual Result<End> end() = 0;
  /// A trail that holds this open keeps the disk from being tidied: not for long.
  virtual Result<std::unique_ptr<TrailReading>> read() = 0;

  virtual Result<std::optional<Checkpoint>> last_checkpoint() = 0;
  virtual Result<void> keep(const Checkpoint& checkpoint) = 0;
  /// The seq of what was sent by the sender of this name last; 0: nothing.
  virtual Result<std::int64_t> sent(const std::string& sender) = 0;
  virtual Result<void> note_sent(const std::string& sender, std::int64_t seq) = 0;

  /// Removes every entry up to the stub's number, and leaves the stub, in one step. The checkpoints of what is gone go too.
  virtual Result<void> replace_by(const PruningStub& stub) = 0;
};

}  // namespace portalkey
