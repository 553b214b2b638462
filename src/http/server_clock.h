#pragma once
// What time it is at the server, learnt from the Date header of its answers (RFC 9110 §6.6.1). Time-based codes must fit
// the server's clock, not ours.

#include "base/clock.h"
#include "http/http.h"

namespace portalkey {

/// A Date header names a whole second D: when the answer was made, the server's clock stood in [D, D+1). Each answer thus
/// bounds the offset between the two clocks; the bounds are intersected, which after a few answers is much finer than a second.
class ServerClock {
 public:
  explicit ServerClock(const Clock& local) : local_(local) {}

  void observe(const Response& response);
  /// Local time until something was observed.
  WallTime now() const;
  bool known() const { return known_; }
  /// Server minus local.
  std::chrono::milliseconds offset() const;
  /// How far offset() may be off; half a second as long as nothing was observed.
  std::chrono::milliseconds doubt() const;

 private:
  const Clock& local_;
  bool known_ = false;
  std::chrono::milliseconds low_{0}, high_{0};
};

}  // namespace portalkey
