#include "seeds/model/token_clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "otp/totp.h"

namespace portalkey {
namespace {

constexpr std::int64_t kMostCounter = std::int64_t{1} << 32;  // what WallTime can count in seconds

std::string code_at(const TokenSeed& token, const Secret& key, std::int64_t counter) {
  // RFC 6238 is RFC 4226 with the number of steps as the counter: with steps of a second, the time is the counter.
  return totp(key, from_unix_seconds(counter), std::chrono::seconds(1), *token.digits, *token.hash);
}

std::int64_t counter_of(const TokenSeed& token, WallTime time) {
  if (token.type == OtpType::hotp) return *token.details->counter;
  return unix_seconds(time) / *token.step;
}

}  // namespace

std::string why_no_code(const TokenSeed& token) {
  if (token.type != OtpType::totp && token.type != OtpType::hotp)
    return fmt::format("it is no TOTP or HOTP token{}", token.type == OtpType::unknown ? ", as far as the file says" : "");
  if (token.base32.empty()) return "the file has no secret key for it";
  if (!token.hash) return "the file does not say which hash it uses";
  if (!token.digits) return "the file does not say how many digits its codes have";
  if (*token.digits < 6 || *token.digits > 8)
    return fmt::format("its codes have {} digits, and RFC 4226 knows 6 to 8", *token.digits);
  if (token.type == OtpType::totp && (!token.step || *token.step <= 0)) return "the file does not say its time interval";
  if (token.type == OtpType::hotp && (!token.details || !token.details->counter))
    return "it counts presses (HOTP), and the file does not say how many there have been";
  if (token.type == OtpType::hotp && (*token.details->counter < 0 || *token.details->counter > kMostCounter))
    return "its counter is out of range";
  return {};
}

std::string code_of(const TokenSeed& token, WallTime time) { return code_at(token, token.key(), counter_of(token, time)); }

CodeAhead codes_ahead(const TokenSeed& token, WallTime now) {
  const std::int64_t here = counter_of(token, now);
  const auto key = std::make_shared<Secret>(token.key());
  return
      [&token, here, key](std::int64_t steps) { return here + steps < 0 ? std::string() : code_at(token, *key, here + steps); };
}

ClockSearch clock_search(const TokenSeed& token, bool further) {
  constexpr std::chrono::hours kAYear{24 * 400};
  const std::chrono::seconds step(*token.step);
  return {kClockReach / step, kStepsEntraTolerates, further ? kAYear / step : 0};
}

std::optional<DeviceClock> known_clock(const TokenSeed& token) {
  constexpr std::int64_t kMostDrift = std::int64_t{1} << 31;  // steps; none is a device's
  constexpr std::int64_t kEarliest = 946'684'800;             // the year 2000: before, it counts from elsewhere
  if (token.type != OtpType::totp || !token.details || !token.step || *token.step <= 0) return std::nullopt;
  const auto& details = *token.details;
  if (details.clock || !details.drift) return details.clock;
  const std::int64_t step = *token.step;
  const auto drift = std::clamp(*details.drift, -kMostDrift, kMostDrift);
  DeviceClock clock{std::chrono::seconds(drift * step), {}};
  if (details.time && *details.time >= kEarliest / step && *details.time < kMostCounter)
    clock.seen = from_unix_seconds((*details.time - drift) * step);
  if (drift == 0 && clock.seen == WallTime{}) return std::nullopt;
  return clock;
}

namespace {

/// A date as YYYY-MM-DD, and nothing else: files have all kinds of text there.
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  return text.size() == kForm.size() &&
         std::ranges::equal(text, kForm, [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; });
}

}  // namespace

MadeOn made_on(const TokenSeed& token) {
  if (!token.details) return {};
  if (is_date(token.details->made)) return {token.details->made, "its date of manufacture"};
  if (is_date(token.details->not_before)) return {token.details->not_before, "its StartDate"};
  return {};
}

std::vector<std::int64_t> steps_of_code(const TokenSeed& token, std::string_view code, WallTime now, int window) {
  const Secret key = token.key();
  const std::int64_t here = counter_of(token, now);
  std::vector<std::int64_t> found;
  for (std::int64_t distance = 0; distance <= window; ++distance) {
    for (const std::int64_t steps : {distance, -distance}) {
      if (here + steps < 0 || (steps < 0 && token.type == OtpType::hotp)) continue;
      if (code_at(token, key, here + steps) == code) found.push_back(steps);
      if (distance == 0) break;
    }
  }
  return found;
}

}  // namespace portalkey
