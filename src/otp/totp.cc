#include "otp/totp.h"

#include <liboath/oath.h>

#include <array>
#include <stdexcept>

namespace portalkey {
namespace {

int flags_for(Hash hash) {
  switch (hash) {
    case Hash::sha1: return 0;
    case Hash::sha256: return OATH_TOTP_HMAC_SHA256;
    case Hash::sha512: return OATH_TOTP_HMAC_SHA512;
  }
  return 0;
}

// liboath fails only on arguments that no caller may pass, or without memory.
void require(int answer) {
  if (answer != OATH_OK) throw std::logic_error(std::string("liboath: ") + oath_strerror_name(answer));
}

}  // namespace

std::string totp(const Secret& key, WallTime time, std::chrono::seconds step, int digits, Hash hash) {
  static const int initialised = oath_init();  // safe from several threads only if it is called once
  require(initialised);
  if (digits < 6 || digits > 8) throw std::logic_error("a code has 6, 7 or 8 digits");
  if (step.count() <= 0) throw std::logic_error("a time interval is positive");
  std::array<char, 16> code{};
  key.reveal([&](std::string_view bytes) {
    require(oath_totp_generate2(bytes.data(), bytes.size(), unix_seconds(time), static_cast<unsigned>(step.count()),
                                OATH_TOTP_DEFAULT_START_TIME, static_cast<unsigned>(digits), flags_for(hash), code.data()));
  });
  return code.data();
}

std::chrono::milliseconds time_left_in_step(WallTime time, std::chrono::seconds step) {
  const auto since_epoch = time.time_since_epoch();
  auto into_step = since_epoch % step;
  if (into_step.count() < 0) into_step += step;
  return std::chrono::ceil<std::chrono::milliseconds>(step - into_step);
}

}  // namespace portalkey
