#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/clock.h"

namespace portalkey {

/// What a long job tells while it runs. Calls come from the job's own thread.
class Progress {
 public:
  virtual ~Progress() = default;
  /// A new phase begins: `uploading`, `waiting for the service` …
  virtual void phase(std::string_view what) = 0;
  /// `eta`: the least time the rest takes under the service's limits. `states`: how `done` divides, as `990 active, 3 failed`;
  /// may be empty.
  virtual void step(std::size_t done, std::size_t total, std::chrono::seconds eta, std::string_view states = {}) = 0;
  /// The service's limit lets the next activation go at this moment.
  virtual void next_slot(SteadyTime) {}
};

}  // namespace portalkey
