#include "sandbox/oath_codes.h"

#include "oath/base32.h"
#include "oath/totp.h"

namespace portalkey::sandbox {

bool take_code(const World& world, OathToken& token, std::string_view code, CodeWindow window) {
  if (world.options.refuse_leading_zero_codes && code.starts_with('0')) return false;
  const auto key = decode_base32(token.base32);
  if (!key) return false;
  const std::chrono::seconds step(token.interval);
  for (const int offset : {0, -1, 1}) {
    if (offset > 0 && window == CodeWindow::step_before) continue;
    const WallTime time = world.clock.now() + offset * step;
    const std::int64_t number = unix_seconds(time) / token.interval;
    if (number > token.last_step && totp(*key, time, step, 6, token.sha256 ? Hash::sha256 : Hash::sha1) == code) {
      token.last_step = number;
      return true;
    }
  }
  return false;
}

}  // namespace portalkey::sandbox
