#pragma once
// A token's own clock: how far it is off, as one or two of its codes tell, how fast it drifts, and until when Entra follows.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace portalkey {

/// What is known of a device's clock.
struct DeviceClock {
  std::chrono::seconds ahead{0};  ///< of the true time; negative: behind. Whole time intervals, as far as a code can tell
  WallTime seen{};                ///< when that was so; 1970: not known

  bool operator==(const DeviceClock&) const = default;
};

/// How far a device's clock is looked for, either way: two days (Entra follows one day of 30-second tokens, two of 60-second
/// ones).
inline constexpr std::chrono::hours kClockReach{48};
/// How far off codes may be at an activation for Entra to take them and learn the device's clock: a day for 30-second tokens,
/// two days for 60-second ones. Microsoft Learn, "OATH tokens" (concept-authentication-oath-tokens), as of 2026.
inline constexpr std::int64_t kStepsOfActivation = 2880;

/// `4 h 10 min ahead`, `1 min behind`, `right`: for a person.
std::string text_of_ahead(std::chrono::seconds ahead);

/// The code that a device shows now if its clock is so many steps ahead; empty: it never was at that step.
using CodeAhead = std::function<std::string(std::int64_t steps)>;

struct FoundClock {
  enum class State {
    found,            ///< in the first of `steps`
    ambiguous,        ///< one code, which fits several steps, none of them near
    no_fit,           ///< neither code fits within reach
    only_first,       ///< the second code is not the one that follows, nor any other within reach
    only_second,      ///< the first one is none within reach
    not_consecutive,  ///< both are the device's, `apart` steps from one another
    same_code,        ///< given twice
    too_far,          ///< both fit, one after the other, further off than the reach: `steps` has it
  } state = State::no_fit;
  std::vector<std::int64_t> steps;  ///< at which the code fits (with a second one: both do), nearest first
  std::int64_t apart = 0;           ///< from the first code to the second
  bool slip = false;                ///< one digit differs, or two are exchanged, from the code that would fit

  bool found() const { return state == State::found; }
};

struct ClockSearch {
  std::int64_t reach = 0;      ///< steps, either way
  std::int64_t near = 0;       ///< a single code that fits within as many steps is believed, whatever else it fits
  std::int64_t far_reach = 0;  ///< where two codes are looked for that fit nowhere within reach; 0: nowhere
};

/// Where a device is that showed `code` and, in the step after, `next` (empty: only one was read).
FoundClock find_clock(const CodeAhead& code_at, std::string_view code, std::string_view next, const ClockSearch& search);

/// How likely a code, or two, that are no codes of the device would fit within `reach`: typed wrong, or another device's.
double chance_of_fit(std::int64_t reach, int digits, bool two_codes);

struct DriftRate {
  double seconds_per_day = 0;  ///< positive: the device's clock runs fast
  double doubt = 0;            ///< a sighting is exact to a time interval only: so much more or less
  /// The most it may be.
  double most() const;
};

/// By two sightings of one device, in any order. nullopt: when they were is not known, or they are less than a day apart.
std::optional<DriftRate> drift_rate(const DeviceClock& one, const DeviceClock& other, std::chrono::seconds step);

/// When a clock that drifts at least as fast as it may is more than `reach` away from `from` ahead. nullopt: not before
/// WallTime ends. A clock that is out of reach already is so since `clock.seen`.
std::optional<WallTime> out_of_reach(const DeviceClock& clock, std::chrono::seconds from, const DriftRate& rate,
                                     std::chrono::seconds reach);

}  // namespace portalkey
