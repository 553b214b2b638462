// Whatever stands in Entra's place may answer anything: a token comes only out of a 200, an error always says something.

#include <cstdlib>

#include "answer.h"
#include "base/random.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/access_token.h"
#include "entra/oauth/token_endpoint.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  const auto answer = answer_of(bytes);
  require(!token_endpoint_error(answer).what.empty());
  (void)read_claims(Secret(bytes));

  static const Cloud cloud = *find_cloud("global");
  OneAnswerHttp http(bytes);
  ManualClock clock(answer.received);
  Random random(1);
  const auto deadline = Deadline::in(std::chrono::minutes(10), clock);
  TokenEndpoint endpoint(http, cloud, "contoso.com", clock, random);
  const auto tokens = endpoint.redeem(Secret("0.AAAA"), kAzurePowerShell, "https://vault.azure.net", deadline);
  require(tokens ? answer.status == 200 && !tokens->access_token.empty() : !tokens.error().what.empty());
  if (tokens) (void)read_claims(tokens->access_token);
  if (const auto id = endpoint.tenant_id(deadline)) require(id->size() == 36);
  const auto code = endpoint.start_device_code(kAzurePowerShell, "https://vault.azure.net", deadline);
  require(code ? !code->device_code.empty() && code->interval.count() > 0 : !code.error().what.empty());
  if (code) (void)endpoint.await_device_code(*code, kAzurePowerShell, deadline);
  return 0;
}
