#pragma once
// What a code that a person reads from a token says about the token's own clock.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "seeds/model/token_seed.h"

namespace portalkey {

/// Why no code can be computed for this token; empty if one can. TOTP needs a time interval, HOTP a counter.
std::string why_no_code(const TokenSeed& token);

/// The code at `time` (TOTP), or for the counter of the file (HOTP). The caller has asked why_no_code.
std::string code_of(const TokenSeed& token, WallTime time);

/// The steps within `window` of `now` at which the token shows `code`, nearest first; negative ones lie in the past: the
/// token's clock is behind. For HOTP, the presses from the file's counter on, up to `window`.
std::vector<std::int64_t> steps_of_code(const TokenSeed& token, std::string_view code, WallTime now, int window);

/// The codes of a token as its clock may be, at `now`; of HOTP, from the file's counter on. `token` must stay.
CodeAhead codes_ahead(const TokenSeed& token, WallTime now);

/// How far a time-based token's clock is looked for. `further`: two codes also a year away, which takes seconds.
ClockSearch clock_search(const TokenSeed& token, bool further);

/// What is known of a time-based token's clock: by a code of its own, or by PSKC's TimeDrift, which was measured at its Time if
/// that is one of the Unix epoch. A TimeDrift of 0 without a Time says nothing: files have it without anybody having measured.
std::optional<DeviceClock> known_clock(const TokenSeed& token);

/// When a token was made, and what says so: its date of manufacture, or the beginning of its validity (PSKC StartDate).
struct MadeOn {
  std::string date;  ///< YYYY-MM-DD; empty: the file does not say
  std::string_view by;
};
MadeOn made_on(const TokenSeed& token);

/// How far off a token may be for Entra still to take its codes: "1 minute for 30-second tokens, 2 minutes for 60-second ones"
/// (Microsoft Learn, OATH tokens): two steps either way.
inline constexpr std::int64_t kStepsEntraTolerates = 2;

}  // namespace portalkey
