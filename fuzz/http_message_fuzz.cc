// What a client of the sandbox may send: decoding never makes a text longer, and what has nothing to decode stays as it is.

#include <cstdlib>

#include "answer.h"
#include "web/http_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto text = text_of(data, size);
  std::size_t total = 0;
  for (const auto& [name, value] : parse_form(text)) total += name.size() + value.size();
  if (total > size) std::abort();

  HttpRequest request;
  set_target(request, text);
  if (request.target != text || request.path.size() > size + 1) std::abort();
  if (text.starts_with('/') && text.find_first_of("%?#") == std::string_view::npos && request.path != text) std::abort();
  return 0;
}
