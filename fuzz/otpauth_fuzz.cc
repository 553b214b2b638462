// Any bytes as one URI and as a list: what is read can be written and read again, and how the bytes arrive changes nothing.

#include "checked_reading.h"
#include "seeds/formats/otpauth/otpauth_list.h"
#include "seeds/formats/otpauth/uri.h"

using namespace portalkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto token = parse_otpauth_uri(text)) {
    const auto again = otpauth_uri(*token).reveal([](std::string_view uri) { return parse_otpauth_uri(uri); });
    require(again.has_value());
    require(again->type == token->type && again->hash == token->hash && again->digits == token->digits &&
            again->step == token->step);
    require(token->key().reveal(
        [&](std::string_view a) { return again->key().reveal([&](std::string_view b) { return a == b; }); }));
  }
  const auto read = [&](std::size_t at_once) {
    return CheckedReading([&](SeedSink& sink) {
      MemorySource source(text, at_once);
      return read_otpauth_list(source, {}, sink);
    });
  };
  require(read(std::string_view::npos) == read(1 + size % 13));
  return 0;
}
