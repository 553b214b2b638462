// Any bytes as SafeNet's and Deepnet's XML and as SafeWord records, which the first byte chooses; how the bytes arrive changes
// nothing.

#include "checked_reading.h"
#include "seeds/formats/safeword/safeword_dat.h"
#include "seeds/formats/xml/vendor_xml.h"

using namespace portalkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const unsigned choice = data[0] % 3;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto read = [&](std::size_t at_once) {
    return CheckedReading([&](SeedSink& sink) {
      MemorySource source(text, at_once);
      if (choice == 2) return read_safeword_dat(source, {}, sink);
      return read_vendor_xml(source, choice == 0 ? SeedFormat::safenet_xml : SeedFormat::deepnet_xml, {}, sink);
    });
  };
  require(read(std::string_view::npos) == read(1 + size % 13));
  return 0;
}
