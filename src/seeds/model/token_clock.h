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

/// How far off a token may be for Entra still to take its codes: "1 minute for 30-second tokens, 2 minutes for 60-second ones"
/// (Microsoft Learn, OATH tokens): two steps either way.
inline constexpr std::int64_t kStepsEntraTolerates = 2;

}  // namespace portalkey
