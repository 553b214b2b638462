#pragma once
// Time-based one-time passwords, RFC 6238 over RFC 4226.

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace portalkey {

enum class Hash { sha1, sha256, sha512 };

/// The code for `time`: `digits` (6, 7 or 8) decimal digits, leading zeros kept. `key` is the secret's bytes, not its
/// base32 text; `step` is the token's time interval, counted from the Unix epoch.
std::string totp(const Secret& key, WallTime time, std::chrono::seconds step, int digits = 6, Hash hash = Hash::sha1);

/// How long the code for `time` stays the current one: in (0, step].
std::chrono::milliseconds time_left_in_step(WallTime time, std::chrono::seconds step);

}  // namespace portalkey
