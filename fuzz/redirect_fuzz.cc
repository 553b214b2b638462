// What comes to the sign-in's port of this machine, from whichever program, and what a person pastes.

#include <cstdlib>
#include <string_view>

#include "answer.h"
#include "entra/credentials/redirect.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto text = text_of(data, size);
  const auto judge = [&](const Redirect& redirect) {
    if (redirect.code.empty() == redirect.error.empty()) std::abort();  // one of the two, and not both
    const bool says_state = text.contains("state=S") || text.contains("%");
    if (!redirect.bare_code && !says_state) std::abort();  // only a bare code comes without its state
  };
  if (const auto read = read_redirect(text, "S", 4711)) judge(*read);
  if (const auto read = read_pasted(text, "S")) judge(*read);
  return 0;
}
