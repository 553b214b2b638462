// Any answer in Microsoft Graph's place, a $batch's among them: lists end, every token has its own answer, every error says
// something, and no id comes out that could lead elsewhere.

#include <cstdlib>

#include "answer.h"
#include "answering_credential.h"
#include "directory/graph/graph_batch.h"
#include "directory/graph/graph_tokens.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

template <class T>
bool says_something(const Result<T>& result) {
  return result || !result.error().what.empty();
}

TokenSeed seed(std::string serial, std::string upn) {
  TokenSeed token;
  token.serial = std::move(serial);
  token.upn = std::move(upn);
  token.base32 = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  return token;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = text_of(data, size);
  require(!graph_refusal(answer_of(bytes)).what.empty());

  OneAnswerHttp http(bytes);
  AnsweringCredential credential;
  ManualClock clock(from_unix_seconds(1'767'225'600));
  const auto deadline = Deadline::in(std::chrono::minutes(2), clock);
  GraphTokens tokens(http, credential, "graph.microsoft.com", clock);
  require(says_something(tokens.each({}, deadline, [](const TenantToken& token) {
    require(is_plain_id(token.oath_id) && (token.user_id.empty() || is_plain_id(token.user_id)));
  })));

  const TokenSeed with_user = seed("1", "helga@contoso.com"), without = seed("2", "");
  const TokenSeed* both[] = {&with_user, &without};
  const auto created = tokens.create(both, deadline);
  require(created.size() == 2);
  for (const auto& one : created) require(says_something(one) && (!one || is_plain_id(one->oath_id)));

  TenantToken token;
  token.oath_id = "d1";
  token.user_id = "u1";
  require(says_something(tokens.again(token, deadline)));
  require(says_something(tokens.assign(token, "helga@contoso.com", deadline)));
  require(says_something(tokens.activate(token, [] { return std::string("123456"); }, deadline)));
  require(says_something(tokens.remove(token, deadline)));

  const Url users("https://graph.microsoft.com/beta/users");
  std::vector<BatchItem> items(2);
  items[0].url = users;
  items[1].url = users.below({"u1"});
  const auto answers = send_batch(items, [&](const Body&) -> Result<Response> { return answer_of(bytes); }, clock, deadline);
  require(answers.size() == 2);
  for (const auto& one : answers) require(says_something(one));
  return 0;
}
