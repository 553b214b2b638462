#pragma once
// What time it is at the server, learnt from the Date header of its answers (RFC 9110 §6.6.1). Time-based codes must fit
// the server's clock, not ours.

#include <mutex>
#include <optional>

#include "base/clock.h"
#include "base/error.h"
#include "http/http.h"

namespace portalkey {

/// A Date header names a whole second D: when the answer was made, the server's clock stood in [D, D+1). Each answer thus
/// bounds the offset between the two clocks; the bounds are intersected, which after a few answers is much finer than a second.
/// Where nothing is left of them, one of the clocks was set meanwhile, and the estimate starts again.
///
/// A Date that is further from the local clock than kMostOffset is never taken for the server's time: a code for it would be
/// one of another year. Which of the clocks is wrong cannot be known here, so that is a disagreement, to be refused and told.
/// Threads may share one.
class ServerClock {
 public:
  explicit ServerClock(const Clock& local) : local_(local) {}

  /// A wrong time zone is within it.
  static constexpr std::chrono::hours kMostOffset{24};

  /// A clock that disagrees with the one here.
  struct Disagreement {
    WallTime server, local;
    /// unavailable: which times there are, and what to do. Such an answer may come from something in between.
    Error error() const;
  };

  void observe(const Response& response);
  /// Local time until something was observed.
  WallTime now() const;
  bool known() const;
  /// Server minus local.
  std::chrono::milliseconds offset() const;
  /// Set while the latest Date was too far from the local clock.
  std::optional<Disagreement> disagreement() const;
  /// How far offset() may be off; half a second as long as nothing was observed.
  std::chrono::milliseconds doubt() const;

 private:
  const Clock& local_;
  mutable std::mutex mutex_;  // guards what follows
  bool known_ = false;
  std::chrono::milliseconds low_{0}, high_{0};
  std::optional<Disagreement> disagreement_;
};

}  // namespace portalkey
