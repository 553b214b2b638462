#pragma once
// Whether a trail is what was written, all of it, in its order.
//
// The chain alone shows an entry that was changed, moved, put in or taken out, and a beginning that was cut off. Whoever cuts
// off the end, or computes the whole chain anew, is found by checkpoints that have gone out before.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/audit/audit_trail.h"

namespace portalkey {

/// What is known from elsewhere.
struct Attested {
  std::vector<Checkpoint> checkpoints;  ///< that came back from outside
  std::vector<std::string> keys;        ///< public keys that may sign; empty: one, whichever it is
  std::string trail;                    ///< the trail's id; empty: not known. Known: checkpoints of others are passed over
};

enum class FindingKind {
  changed,
  moved,
  inserted,
  removed,
  head_cut,
  tail_cut,
  rewritten,
  other_trail,
  other_key,
  bad_signature
};
/// `changed`, `head cut`, `other trail`: stable.
std::string_view name_of(FindingKind kind);

struct Finding {
  std::int64_t number = 0;  ///< the first entry that it is about; 0: it is about the trail
  FindingKind kind = FindingKind::changed;
  std::string what;  ///< one sentence
};

struct Verification {
  std::string trail;
  std::int64_t entries = 0;            ///< that are there
  std::int64_t first = 0, last = 0;    ///< their numbers; 0: none is there
  std::string head;                    ///< the hash at the end
  std::int64_t pruned_through = 0;     ///< 0: nothing was pruned
  bool beginning_known = true;         ///< false: an export as CSV or of a part does not prove what was before its first entry
  std::int64_t left_out_after = 0;     ///< an export of a part: what came later was left out; 0: nothing was
  std::size_t set_back = 0;            ///< how often the clock had been set back
  std::size_t outside = 0;             ///< checkpoints from outside that were compared
  std::size_t older = 0;               ///< those of entries before it: pruned, or left out
  std::size_t newer = 0;               ///< those of entries that were left out behind it
  std::size_t of_others = 0;           ///< those of other trails, passed over
  std::optional<Checkpoint> attested;  ///< the last from outside that fits
  std::vector<std::string> keys;       ///< that signed what is here
  std::vector<Finding> findings;       ///< by number; the first of a run of entries that do not fit speaks for all

  bool sound() const { return findings.empty(); }
};

Result<Verification> verify(TrailReading& trail, const Attested& attested = {});

}  // namespace portalkey
