// Whatever the portal API and Graph say, the errors made of it are clean.

#include <boost/json.hpp>

#include "base/base64.h"
#include "directory/graph/graph_batch.h"
#include "directory/graph/graph_tokens.h"
#include "directory/portal/portal_api.h"
#include "tests/hostile_texts.h"
#include "tests/scripted_http.h"

namespace portalkey::foreign_answers_test {
namespace {

namespace json = boost::json;

Response answer(int status, const json::value& body, const std::string& header) {
  Response response;
  response.status = status;
  response.body = Secret(json::serialize(body));
  for (const char* name : {"request-id", "x-ms-correlation-id", "www-authenticate"}) response.headers.emplace(name, header);
  return response;
}

constexpr int kStatuses[] = {301, 400, 401, 403, 404, 409, 422, 429, 500, 503};

TEST(PortalRefusal, IsCleanWhateverTheApiSays) {
  for (const auto& text : hostile_texts()) {
    const json::value bodies[] = {
        {{"Message", text}},
        {{"message", text}},
        {{"ClientData", {{"errorCode", text}, {"localizedErrorDetails", {{"errorDetail", text}}}}}},
        {{"ClientData", {{"errorCode", text}, {"localizedErrorDetails", {{text, text}}}}}},
        {{"ClientData", {{"operationResults", {{{"details", text}}}}}}},
        {{"Message", "AADSTS50076: " + text}},
        json::string(text),
        json::array{text},
    };
    for (const auto& body : bodies) {
      for (const int status : kStatuses)
        expect_clean(portal_refusal(answer(status, body, text)),
                     std::to_string(status) + " " + json::serialize(body).substr(0, 80));
    }
  }
}

TEST(GraphRefusal, IsCleanWhateverGraphSays) {
  for (const auto& text : hostile_texts()) {
    const json::value bodies[] = {
        {{"error", {{"code", text}, {"message", text}, {"innerError", {{"request-id", text}, {"code", text}}}}}},
        {{"error", text}},
        json::string(text),
    };
    for (const auto& body : bodies) {
      for (const int status : kStatuses)
        expect_clean(graph_refusal(answer(status, body, text)),
                     std::to_string(status) + " " + json::serialize(body).substr(0, 80));
    }
  }
}

TEST(GraphBatch, ARefusalInItQuotesNoKeyOfTheBatchAndASuccessIsWhole) {
  const std::string key = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA", other = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const json::value body{
      {"responses",
       {{{"id", "0"},
         {"status", 400},
         {"headers", {{"request-id", other}}},
         {"body", {{"error", {{"code", "badRequest"}, {"message", "'" + key + "' and " + base64(other) + " are wrong"}}}}}},
        {{"id", "1"}, {"status", 201}, {"body", {{"id", "1"}, {"serialNumber", other}}}}}}};
  std::vector<BatchItem> items(2);
  items[0].url = items[1].url = Url("https://graph.microsoft.com/beta/x");
  items[0].secrets = secret_list(Secret(key));
  items[1].secrets = secret_list(Secret(other));
  ManualClock clock(WallTime{});
  std::size_t secrets = 0;
  const auto post = [&](Body sent) -> Result<Response> {
    secrets = sent.secrets().size();
    return answer(200, body, "");
  };
  const auto out = send_batch(items, post, clock, Deadline::in(std::chrono::seconds(5), clock));
  EXPECT_EQ(secrets, 2U) << "the wire must know them, too";
  ASSERT_TRUE(out[0] && out[1]);
  const auto said = graph_refusal(*out[0]);
  EXPECT_EQ(said.what, "Microsoft Graph refused the request: '***' and *** are wrong");
  EXPECT_EQ(out[0]->header("request-id"), "***");
  out[1]->body.reveal([&](std::string_view text) { EXPECT_TRUE(text.contains(other)) << text; });
}

TEST(TenantTokens, AreShownWithoutWhatMayBeAKey) {
  TenantToken token;
  token.serial = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA";
  token.upn = "user.1@contoso.com";
  token.model = "C100\x1b[2J";
  EXPECT_EQ(shown(token).serial, "***");
  EXPECT_EQ(shown(token).upn, "user.1@contoso.com");
  EXPECT_EQ(shown(token).model, "C100");
  token.serial = "2308345678901";
  EXPECT_EQ(shown(token).serial, "2308345678901");
  EXPECT_EQ(held_upn("JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA"), "***");
  EXPECT_EQ(owner_of(TenantToken{}), "nobody");
}

}  // namespace
}  // namespace portalkey::foreign_answers_test
