// What a caller of the service shows as an access token. The first byte says what the rest is: `t`, the token itself, which
// nobody signed; `h`, its header, and `c`, its claims, which Entra did sign; `b`, both, on a line each.

#include <cstdlib>

#include "answer.h"
#include "base/guid.h"
#include "tests/service/callers/made_tokens.h"

namespace {

using namespace portalkey;
using made_tokens::Draft;

void require(bool promise) {
  if (!promise) std::abort();
}

std::string signed_text(std::string_view header, std::string_view claims) {
  return Draft::signed_by(made_tokens::entra_key(), base64url(header) + "." + base64url(claims));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static made_tokens::Entra entra;
  static const std::string header = boost::json::serialize(Draft().header), claims = boost::json::serialize(Draft().claims);
  auto text = text_of(data, size);
  const char what = text.empty() ? 't' : text.front();
  text.remove_prefix(text.empty() ? 0 : 1);
  const auto line_end = text.find('\n');
  std::string token(text);
  if (what == 'h') token = signed_text(text, claims);
  if (what == 'c') token = signed_text(header, text);
  if (what == 'b' && line_end != std::string_view::npos)
    token = signed_text(text.substr(0, line_end), text.substr(line_end + 1));
  const bool is_signed = what == 'h' || what == 'c' || (what == 'b' && line_end != std::string_view::npos);
  const auto caller = entra.caller_of(token);
  if (caller) {
    require(is_signed);
    require(caller->tenant == made_tokens::kTenant && is_guid(caller->id) && !caller->rights.empty());
    require(caller->kind != Caller::Kind::key && !caller->name.empty() && caller->name.size() <= 1024);
  } else {
    require(caller.error().code == Errc::unauthenticated || (is_signed && caller.error().code == Errc::forbidden));
    require(!caller.error().what.empty());
  }
  require(entra.server.asked <= 1);  // the clock stands still
  return 0;
}
