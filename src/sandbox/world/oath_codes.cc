#include "sandbox/world/oath_codes.h"

#include <optional>

#include "otp/base32.h"
#include "otp/totp.h"

namespace portalkey::sandbox {
namespace {

constexpr std::int64_t kStepsOfADay = 86400 / 30;  // two days of 60-second steps are as many
constexpr std::int64_t kStepsAtSignIn = 2;

/// The step nearest to `around`, at most `reach` away, whose code that is and that `counts`.
template <class Counts>
std::optional<std::int64_t> step_of(const World& world, const OathToken& token, std::string_view code, std::int64_t around,
                                    std::int64_t reach, Counts&& counts) {
  if (world.options.refuse_leading_zero_codes && code.starts_with('0')) return std::nullopt;
  const auto key = decode_base32(token.base32);
  if (!key) return std::nullopt;
  const std::chrono::seconds interval(token.interval);
  const Hash hash = token.sha256 ? Hash::sha256 : Hash::sha1;
  for (std::int64_t distance = 0; distance <= reach; ++distance) {
    for (const std::int64_t step : {around - distance, around + distance}) {
      if (step > 0 && counts(step) && totp(*key, from_unix_seconds(step * token.interval), interval, 6, hash) == code)
        return step;
      if (distance == 0) break;
    }
  }
  return std::nullopt;
}

bool take(OathToken& token, std::optional<std::int64_t> step, std::int64_t now) {
  if (!step) return false;
  token.last_step = *step;
  token.drift_steps = *step - now;
  return true;
}

}  // namespace

bool take_activation_code(const World& world, OathToken& token, std::string_view code, ActivationWindow window) {
  const std::int64_t now = world.clock.seconds() / token.interval;
  const std::int64_t reach = window == ActivationWindow::wide ? kStepsOfADay : 1;
  return take(token, step_of(world, token, code, now, reach, [&](std::int64_t step) { return step != token.last_step; }), now);
}

bool take_sign_in_code(const World& world, OathToken& token, std::string_view code) {
  const std::int64_t now = world.clock.seconds() / token.interval;
  const auto later = [&](std::int64_t step) { return step > token.last_step; };
  return take(token, step_of(world, token, code, now + token.drift_steps, kStepsAtSignIn, later), now);
}

}  // namespace portalkey::sandbox
