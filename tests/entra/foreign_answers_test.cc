// Whatever Entra, a token's claims or a managed identity's endpoint say, what is made of it is clean.

#include <boost/json.hpp>

#include "base/base64.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/access_token.h"
#include "entra/session/session.h"
#include "tests/hostile_texts.h"

namespace portalkey::foreign_answers_test {
namespace {

namespace json = boost::json;

TEST(TokenEndpointError, IsCleanWhateverEntraSays) {
  for (const auto& text : hostile_texts()) {
    const json::value claims{{"access_token", {{"capolids", {{"values", {text, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}}}}}}};
    const json::object whole{{"error", text},
                             {"error_description", "AADSTS50076: " + text},
                             {"error_codes", {50076}},
                             {"correlation_id", text},
                             {"suberror", text},
                             {"trace_id", text},
                             {"claims", json::serialize(claims)}};
    json::object known = whole;
    known["error"] = "invalid_grant";
    json::object without = known;
    without.erase("error_codes");
    without["error_description"] = text;
    for (const auto& body : {whole, known, without}) {
      for (const int status : {400, 401, 403, 429, 500, 503}) {
        Response response;
        response.status = status;
        response.body = Secret(json::serialize(body));
        expect_clean(token_endpoint_error(response), std::to_string(status) + " " + text.substr(0, 40));
      }
    }
  }
}

TEST(Claims, AreCleanWhateverTheTokenHolds) {
  for (const auto& text : hostile_texts()) {
    const json::object claims{{"tid", text}, {"upn", text},          {"oid", text},   {"appid", text},
                              {"scp", text}, {"wids", {text, text}}, {"amr", {text}}, {"roles", {text}}};
    const auto read = read_claims(Secret("e30." + base64url(json::serialize(claims)) + ".c2ln"));
    ASSERT_TRUE(read);
    for (const auto& shown : {read->tenant, read->account, read->object_id, read->app}) expect_clean(shown, text.substr(0, 40));
    for (const auto* list : {&read->roles, &read->permissions, &read->methods}) {
      for (const auto& shown : *list) expect_clean(shown, text.substr(0, 40));
    }
  }
}

TEST(SessionTags, AreCleanWhateverTheVaultHolds) {
  for (const auto& text : hostile_texts()) {
    SecretVersion stored;
    for (const char* name : {"portalkey-account", "portalkey-roles", "portalkey-host"}) stored.tags[name] = text;
    const auto status = describe_session(stored, WallTime{});
    for (const auto& shown : {status.account, status.roles, status.host}) expect_clean(shown, text.substr(0, 40));
  }
}

}  // namespace
}  // namespace portalkey::foreign_answers_test
