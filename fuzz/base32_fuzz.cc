// What decodes must encode to the same text again, but for left-over bits, letter case and padding.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/ascii.h"
#include "otp/base32.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const auto back = encode_base32(text).reveal([](std::string_view encoded) { return decode_base32(encoded); });
  if (!back || !back->reveal([&](std::string_view bytes) { return bytes == text; })) std::abort();

  const auto decoded = decode_base32(text);
  if (!decoded) {
    const auto& error = decoded.error();
    if (error.kind == Base32Error::Kind::illegal_character &&
        (error.position >= size || text[error.position] != error.character)) {
      std::abort();
    }
    return 0;
  }
  const auto again = decoded->reveal([](std::string_view bytes) { return encode_base32(bytes); });
  again.reveal([&](std::string_view encoded) {
    if (encoded.size() > size) std::abort();
    for (std::size_t i = 0; i + 1 < encoded.size(); ++i) {
      if (encoded[i] != to_upper(text[i])) std::abort();
    }
  });
  return 0;
}
