// Whatever Key Vault says, what is made of it is clean.

#include <boost/json.hpp>

#include "tests/hostile_texts.h"
#include "tests/scripted_http.h"
#include "vault/key_vault.h"
#include "vault/key_vault_refusal.h"
#include "vault/version_history.h"

namespace portalkey::foreign_answers_test {
namespace {

namespace json = boost::json;

TEST(KeyVaultRefusal, IsCleanWhateverTheVaultSays) {
  for (const auto& text : hostile_texts()) {
    const std::string messages[] = {
        text, "Caller: appid=" + text + ";oid=" + text + "\r\nAction: '" + text + "'\r\nResource: '" + text + "'\r\n",
        "Client address: " + text,
        "AKV10032: Expected one of https://sts.windows.net/" + text + "/, found https://sts.windows.net/" + text + "/.",
        "AKV10022: Invalid audience. Expected x, found: " + text};
    for (const auto& message : messages) {
      for (const auto& inner : {text, std::string("ForbiddenByFirewall"), std::string("AccessDenied")}) {
        const json::value body{
            {"error",
             {{"code", text}, {"message", message}, {"innererror", {{"code", inner}, {"innererror", {{"code", inner}}}}}}}};
        for (const int status : {400, 401, 403, 404, 409, 429, 500}) {
          Response response;
          response.status = status;
          response.body = Secret(json::serialize(body));
          response.headers.emplace("x-ms-request-id", text);
          const auto refusal = read_refusal(response, {Url("https://contoso.vault.azure.net"), "RefreshToken"});
          expect_clean(refusal.error, std::to_string(status) + " " + message.substr(0, 60));
          expect_clean(refusal.code, message.substr(0, 60));
        }
      }
    }
  }
}

TEST(KeyVaultVersions, TheirIdsAndContentTypesAreHeldToWhatTheyAre) {
  for (const auto& text : hostile_texts()) {
    ManualClock clock(WallTime{});
    ScriptedHttp http;
    http.answer(200, json::serialize(json::value{{"value", "x"},
                                                 {"id", "https://contoso.vault.azure.net/secrets/RefreshToken/" + text},
                                                 {"contentType", text},
                                                 {"tags", {{"portalkey-account", text}}}}));
    const auto vault = make_key_vault(
        {Url("https://contoso.vault.azure.net")}, http, [](const Deadline&) -> Result<Secret> { return Secret("token"); },
        clock);
    const auto got = vault->get("RefreshToken", Deadline::in(std::chrono::seconds(5), clock));
    ASSERT_TRUE(got);
    EXPECT_LE(got->version.id.size(), 64U);
    EXPECT_EQ(got->version.id, version_id(got->version.id));
    expect_clean(got->version.content_type, text.substr(0, 40));
  }
}

TEST(VersionId, IsLettersDigitsAndDashes) {
  EXPECT_EQ(version_id("0123456789abcdef0123456789abcdef"), "0123456789abcdef0123456789abcdef");
  for (const auto* raw : {"a b", "../x", "a\x1b[m", "a?b", "a/b"}) EXPECT_EQ(version_id(raw), "") << raw;
  EXPECT_EQ(version_id(std::string(65, 'a')), "");
}

}  // namespace
}  // namespace portalkey::foreign_answers_test
