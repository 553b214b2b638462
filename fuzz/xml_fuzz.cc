// Any bytes as XML: the reader hands over what expat alone makes of them, at the same places; how the bytes arrive changes
// nothing.

#include "checked_reading.h"
#include "tests/seeds/formats/xml/expat_events.h"

using namespace portalkey;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto whole = events_by_reader(text, std::string_view::npos);
  require(whole == events_by_reader(text, 1 + size % 13));
  // Blanks and a mark before the declaration are taken away, and lines of UTF-16 are counted otherwise.
  const bool plain = text.starts_with('<') && text.find('\0') == std::string_view::npos;
  if (whole && plain) require(whole == events_by_expat(text));
  return 0;
}
