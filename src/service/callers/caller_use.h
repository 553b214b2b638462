#pragma once
// The limits of a caller that are about what it did before and on whom it acts.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/error.h"
#include "service/callers/caller.h"

namespace portalkey {

/// How many tokens each caller changed. Threads and processes share it, and it outlives a restart.
class CallerUse {
 public:
  virtual ~CallerUse() = default;
  /// Counts `tokens` that the caller is about to change, all or none. throttled: it would then have changed more than its
  /// `tokens_a_day`; the error's context has `left` and `retry-after` (seconds until there is room for one more). A caller
  /// without that limit is not counted.
  ///
  /// The day is the 24 hours before now, counted in whole hours: what was changed within one hour of the clock counts until 24
  /// hours after that hour's end, so never too short and at most an hour too long.
  virtual Result<void> count(const Caller& caller, std::size_t tokens) = 0;
  /// Takes back what was counted a moment ago and then not done.
  virtual Result<void> uncount(const Caller& caller, std::size_t tokens) = 0;
  /// How many it may change now; as count() would decide.
  virtual Result<std::size_t> left(const Caller& caller) = 0;
};

/// In `folder`/callers.db. A power failure may lose the last counts, nothing else does. `clock` must outlive it.
Result<std::unique_ptr<CallerUse>> open_caller_use(const std::filesystem::path& folder, Clock& clock);

/// Whether somebody is in a group, as Entra says it; `group`: an object id, `user`: a UPN.
using IsMember = std::function<Result<bool>(const std::string& group, const std::string& user)>;

/// By any thread. Answers are remembered for a while: who was taken out of a group may be acted on for that long.
class GroupLimit {
 public:
  static constexpr std::chrono::minutes kRemembered{5};
  static constexpr std::size_t kMostRemembered = 50'000;

  /// `clock` must outlive it.
  GroupLimit(IsMember is_member, const Clock& clock) : is_member_(std::move(is_member)), clock_(clock) {}

  /// Whether the caller may act on that user, as far as its groups go: it has none, or the user is in one of them. Errors are
  /// those of the question: then it may not.
  Result<bool> allows(const CallerLimits& limits, std::string_view user);

 private:
  Result<bool> is_member(const std::string& group, const std::string& user);

  struct Known {
    bool member;
    SteadyTime since;
  };
  const IsMember is_member_;
  const Clock& clock_;
  std::mutex mutex_;  // guards the following
  std::unordered_map<std::string, Known> known_;
};

/// Whether the caller may act on that user, as far as its domains go.
bool in_domains(const CallerLimits& limits, std::string_view user);

/// Whether the caller may act on that user (a UPN): it is in one of its domains, and in one of its groups. Empty, nobody's:
/// only where it is limited to neither. Errors are those of the question for groups: then it may not.
Result<bool> may_act_on(const CallerLimits& limits, std::string_view user, GroupLimit& groups);

}  // namespace portalkey
