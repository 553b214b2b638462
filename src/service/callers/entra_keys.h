#pragma once
// Entra's signing keys, fetched when they are needed. Included by .cc files only.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "http/http.h"
#include "service/callers/entra_key_set.h"

namespace portalkey {

/// A set is asked for again after a day; while that fails, the one that is there is used for two more days.
inline constexpr std::chrono::hours kKeysFreshFor{24}, kKeysKeptFor{72};
/// Entra brings a new key days before it signs with it. So a name that is not in the set is seldom a new key and mostly
/// nonsense, and must not become a request to Entra each time: all together at most one in so long. Sooner only where there are
/// no keys.
inline constexpr std::chrono::seconds kKeysPause{60}, kKeysPauseWithoutAny{10};
inline constexpr std::chrono::seconds kKeysPatience{10};  ///< for one answer

/// By any thread or task. One fetches, the others that need it wait; who finds its key in an older set that may be used waits
/// for nobody.
class EntraKeys {
 public:
  /// `address`: of the key set. `http` and `clock` must outlive it.
  EntraKeys(Url address, Http& http, Clock& clock) : address_(std::move(address)), http_(http), clock_(clock) {}

  /// unauthenticated: there is no key of that name. unavailable: there are no keys.
  Result<std::shared_ptr<const EntraKey>> key(std::string_view kid);

 private:
  bool may_fetch(SteadyTime now) const;
  void fetch(std::unique_lock<std::mutex>& lock);
  void wait_for_other(std::unique_lock<std::mutex>& lock);
  Result<EntraKeySet> fetched();

  const Url address_;
  Http& http_;
  Clock& clock_;
  std::mutex mutex_;  // guards the following
  std::condition_variable ended_;
  std::shared_ptr<const EntraKeySet> set_;
  SteadyTime set_at_{}, tried_at_{};
  bool tried_ = false, fetching_ = false;
  std::uint64_t fetches_ = 0;  // that have ended
};

}  // namespace portalkey
