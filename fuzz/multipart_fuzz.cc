// A form as browsers and Power Apps send it to the service.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "answer.h"
#include "service/resources/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto text = text_of(data, size);
  const auto line = text.find('\n');
  if (line == std::string_view::npos) return 0;
  const std::string_view body = std::string_view(text).substr(line + 1);
  for (const std::string& type : {std::string(text.substr(0, line)), std::string("multipart/form-data; boundary=xyz")}) {
    const auto parts = parts_of(type, body);
    if (!parts) continue;
    for (const auto& part : *parts) {  // within the body, and nowhere else
      if (!part.content.empty() && (part.content.data() < body.data() || part.content.end() > body.end())) std::abort();
    }
  }
  return 0;
}
