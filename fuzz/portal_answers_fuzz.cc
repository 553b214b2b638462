// Any answer in the portal API's place: listing must end, and a refusal must say something.

#include <cstdlib>

#include "answer.h"
#include "base/random.h"
#include "directory/portal/portal_tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace portalkey;
  const auto bytes = text_of(data, size);
  if (portal_refusal(answer_of(bytes)).what.empty()) std::abort();

  OneAnswerHttp http(bytes);
  ManualClock clock(from_unix_seconds(1'767'225'600));
  Random random(1);
  const auto deadline = Deadline::in(std::chrono::minutes(10), clock);
  PortalApi api(
      http, "main.iam.ad.ext.azure.com", [](const Secret*, const Deadline&) -> Result<Secret> { return Secret("token"); },
      clock, random);
  PortalTokens tokens(api);
  if (const auto listed = tokens.list({}, deadline); !listed && listed.error().what.empty()) std::abort();
  if (const auto uploads = tokens.uploads(deadline); !uploads && uploads.error().what.empty()) std::abort();
  const auto done = tokens.activate({}, [] { return std::string("123456"); }, deadline);
  if (!done && done.error().what.empty()) std::abort();
  (void)api.server_clock().now();
  return 0;
}
