// Any bytes as each of the JSON formats, which the first byte chooses; how the bytes arrive changes nothing.

#include "checked_reading.h"
#include "seeds/formats/json/seed_json.h"

using namespace portalkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr SeedFormat kFormats[] = {SeedFormat::graph_json, SeedFormat::andotp_json, SeedFormat::aegis_json,
                                     SeedFormat::portalkey_json};
  const auto format = kFormats[data[0] % 4];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto read = [&](std::size_t at_once) {
    return CheckedReading([&](SeedSink& sink) {
      MemorySource source(text, at_once);
      return read_seed_json(source, format, {}, sink);
    });
  };
  require(read(std::string_view::npos) == read(1 + size % 13));
  return 0;
}
