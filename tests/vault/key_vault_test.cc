#include "vault/key_vault.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"

namespace portalkey::key_vault_test {
namespace {

constexpr const char* kBundle =
    R"({"value":"TOKEN","contentType":"text/plain","id":"https://contoso-kv.vault.azure.net/secrets/RefreshToken/03bcccc7c8cf4546a0e3e21e52560441",)"
    R"("attributes":{"enabled":true,"exp":1774915200,"created":1767225600,"updated":1767225600},"tags":{"portalkey-account":"svc@contoso.com"}})";

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  ScriptedHttp http;
  std::unique_ptr<SecretStore> vault = make_key_vault(
      {Url("https://contoso-kv.vault.azure.net")}, http, [](const Deadline&) { return Result<Secret>(Secret("BEARER")); },
      clock);
  Deadline deadline() const { return Deadline::in(std::chrono::minutes(1), clock); }
};

TEST(KeyVault, GetReadsABundle) {
  World world;
  world.http.answer(200, kBundle);
  auto got = world.vault->get("RefreshToken", world.deadline());
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->version.id, "03bcccc7c8cf4546a0e3e21e52560441");
  EXPECT_EQ(got->version.created, from_unix_seconds(1767225600));
  EXPECT_EQ(got->version.tags.at("portalkey-account"), "svc@contoso.com");
  EXPECT_EQ(world.http.sent[0].url, "https://contoso-kv.vault.azure.net/secrets/RefreshToken?api-version=7.5");
  EXPECT_EQ(world.http.sent[0].bearer, "BEARER");
}

TEST(KeyVault, APutWhoseAnswerWasLostIsReadBackNotRepeated) {
  World world;
  world.http.lose_answer().answer(200, kBundle);
  auto put = world.vault->put("RefreshToken", Secret("TOKEN"), {}, world.deadline());
  ASSERT_TRUE(put) << put.error().what;
  EXPECT_EQ(put->id, "03bcccc7c8cf4546a0e3e21e52560441");
  EXPECT_EQ(world.http.sent[1].method, "GET");
}

TEST(KeyVault, APutThatDidNotArriveIsSentAgain) {
  World world;
  world.http.lose_answer().answer(200, kBundle).answer(200, kBundle);
  ASSERT_TRUE(world.vault->put("RefreshToken", Secret("ANOTHER"), {}, world.deadline()));
  EXPECT_EQ(world.http.sent[2].method, "PUT");
}

TEST(KeyVault, EachRefusalHasItsMeaningAndRemedy) {
  const struct {
    int status;
    const char* body;
    Errc code;
    const char* what;
  } rows[] = {
      {401, R"({"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer."}})", Errc::unauthenticated,
       "another tenant"},
      {401, R"({"error":{"code":"Unauthorized","message":"[TokenExpired]"}})", Errc::unauthenticated, "access token"},
      {403, R"({"error":{"code":"Forbidden","message":"x","innererror":{"code":"ForbiddenByRbac"}}})", Errc::forbidden,
       "may not do this"},
      {403, R"({"error":{"code":"Forbidden","message":"x","innerError":{"code":"ForbiddenByFirewall"}}})", Errc::forbidden,
       "network rules"},
      {403, R"({"error":{"code":"Forbidden","innererror":{"code":"x","innererror":{"code":"SecretDisabled"}}}})",
       Errc::forbidden, "disabled"},
      {404, R"({"error":{"code":"SecretNotFound","message":"x"}})", Errc::not_found, "no secret named RefreshToken"},
      {404, R"({"error":{"code":"VaultNotFound","message":"x"}})", Errc::invalid_input, "no such vault"},
      {409, R"({"error":{"code":"Conflict","innererror":{"code":"ObjectIsDeletedButRecoverable"}}})", Errc::conflict,
       "deleted"},
      {429, R"({"error":{"code":"Throttled"}})", Errc::throttled, "throttles"},
      {503, R"({"error":{"code":"InternalServerError"}})", Errc::unavailable, "not available"},
      {503, "<html>", Errc::unavailable, "status 503 came with an HTML page"},
      {403, "<html><title>Blocked</title>", Errc::unavailable, "an HTML page titled \"Blocked\""},
      {404, "", Errc::unavailable, "an empty body"},
      {404, R"({"message":"no route"})", Errc::unavailable, "JSON of another shape"},
      {200, "<html><title>Welcome to the hotel</title>", Errc::unavailable, "an HTML page titled \"Welcome to the hotel\""},
      {200, "", Errc::unavailable, "an empty body"},
      {200, "[]", Errc::unavailable, "JSON of another shape"},
      {400, R"({"error":{"code":"BadParameter"}})", Errc::invalid_input, "BadParameter"},
  };
  for (const auto& row : rows) {
    World world;
    world.http.answer(row.status, row.body);
    if (row.code == Errc::not_found) world.http.answer(404, row.body);  // nor is there a deleted one
    auto got = world.vault->get("RefreshToken", world.deadline());
    ASSERT_FALSE(got) << row.body;
    EXPECT_EQ(got.error().code, row.code) << row.body;
    EXPECT_NE(got.error().what.find(row.what), std::string::npos) << got.error().what;
    EXPECT_FALSE(got.error().remedy.empty()) << row.body;
  }
}

constexpr const char* kNone = R"({"error":{"code":"SecretNotFound","message":"x"}})";
constexpr const char* kDeleted = R"({"error":{"code":"Conflict","innererror":{"code":"ObjectIsDeletedButRecoverable"}}})";

TEST(KeyVault, ARecoveryThatTakesItsTimeIsWaitedFor) {
  World world;
  world.http.answer(409, kDeleted).answer(200, "{}").answer(200, "{}");   // the put; the deleted one; recover
  world.http.answer(404, kNone).answer(404, kNone).answer(200, kBundle);  // not yet, not yet, there
  world.http.answer(200, kBundle);                                        // the put again
  const auto before = world.clock.steady_now();
  auto put = world.vault->put("RefreshToken", Secret("TOKEN"), {}, world.deadline());
  ASSERT_TRUE(put) << put.error().what;
  EXPECT_EQ(world.http.sent[2].method + " " + world.http.sent[2].url,
            "POST https://contoso-kv.vault.azure.net/deletedsecrets/RefreshToken/recover?api-version=7.5");
  EXPECT_EQ(world.clock.steady_now() - before, std::chrono::milliseconds(1500));
}

TEST(KeyVault, ARecoveryThatNeverEndsIsGivenUp) {
  World world;
  world.http.answer(404, kNone).answer(200, "{}").answer(200, "{}");
  for (int i = 0; i < 11; ++i) world.http.answer(404, kNone);
  auto got = world.vault->get("RefreshToken", Deadline::in(std::chrono::minutes(10), world.clock));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, Errc::unavailable);
  EXPECT_NE(got.error().what.find("being recovered"), std::string::npos);
}

TEST(KeyVault, OneWhoMayNotRecoverIsToldOnlyThatNothingIsThere) {
  World world;
  world.http.answer(404, kNone).answer(403, R"({"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}})");
  EXPECT_EQ(world.vault->get("RefreshToken", world.deadline()).error().code, Errc::not_found);
}

TEST(KeyVault, AListThatGoesOnElsewhereIsNotFollowed) {
  World world;
  world.http.answer(200,
                    R"({"value":[],"nextLink":"https://evil.vault.azure.net/secrets/RefreshToken/versions?$skiptoken=x"})");
  auto all = world.vault->versions("RefreshToken", world.deadline());
  ASSERT_FALSE(all);
  EXPECT_NE(all.error().what.find("another host"), std::string::npos);
}

TEST(KeyVault, EmptyPagesAreNotTheEnd) {
  World world;
  world.http.answer(
      200,
      R"({"value":[],"nextLink":"https://contoso-kv.vault.azure.net:443/secrets/RefreshToken/versions?api-version=7.5&$skiptoken=x"})");
  world.http.answer(
      200,
      R"({"value":[{"id":"https://contoso-kv.vault.azure.net/secrets/RefreshToken/abc","attributes":{"enabled":false}}],"nextLink":null})");
  auto all = world.vault->versions("RefreshToken", world.deadline());
  ASSERT_TRUE(all);
  EXPECT_EQ(all->at(0).id, "abc");
  EXPECT_FALSE(all->at(0).enabled);
}

constexpr const char* kVault = "contoso-kv.vault.azure.net";

TEST(KeyVault, AListIsFollowedOnlyWithinItsSecret) {
  auto links = hostile_urls(kVault, "/secrets/RefreshToken/versions?api-version=7.5&$skiptoken=x");
  for (const char* other :
       {"https://evil.vault.azure.net/secrets/RefreshToken/versions",
        "https://contoso-kv.vault.azure.net/secrets/Another/versions",
        "https://contoso-kv.vault.azure.net/secrets/RefreshToken",
        "https://contoso-kv.vault.azure.net/keys/RefreshToken/versions", "https://contoso-kv.vault.azure.net/secrets",
        "https://graph.microsoft.com/secrets/RefreshToken/versions"}) {
    links.emplace_back(other);
  }
  for (const auto& link : links) {
    World world;
    world.http.answer(200, boost::json::serialize(boost::json::object{{"value", boost::json::array{}}, {"nextLink", link}}));
    auto all = world.vault->versions("RefreshToken", world.deadline());
    ASSERT_FALSE(all) << link;
    EXPECT_EQ(world.http.sent.size(), 1u) << link;
  }
}

TEST(KeyVault, AListThatGoesInCirclesEnds) {
  World world;
  const auto page = [](const char* next) {
    return std::string(R"({"value":[],"nextLink":"https://contoso-kv.vault.azure.net/secrets/RefreshToken/versions?x=)") +
           next + "\"}";
  };
  world.http.answer(200, page("1")).answer(200, page("2")).answer(200, page("1"));
  EXPECT_NE(world.vault->versions("RefreshToken", world.deadline()).error().what.find("circles"), std::string::npos);
}

TEST(KeyVault, AnIdOfAnotherVaultOrSecretIsNoVersion) {
  std::vector<std::string> ids = {"",
                                  "abc",
                                  "https://evil.vault.azure.net/secrets/RefreshToken/abc",
                                  "https://contoso-kv.vault.azure.net/secrets/Another/abc",
                                  "https://contoso-kv.vault.azure.net/keys/RefreshToken/abc",
                                  "https://contoso-kv.vault.azure.net/secrets/RefreshToken",
                                  "https://contoso-kv.vault.azure.net/secrets/RefreshToken/abc/def"};
  for (const auto& id : hostile_ids()) ids.push_back("https://contoso-kv.vault.azure.net/secrets/RefreshToken/" + id);
  for (const auto& url : hostile_urls(kVault, "/secrets/RefreshToken/abc")) ids.push_back(url);
  for (const auto& id : ids) {
    World world;
    const boost::json::object item{{"id", id}};
    world.http.answer(200, boost::json::serialize(boost::json::object{{"value", boost::json::array{item}}}));
    EXPECT_FALSE(world.vault->versions("RefreshToken", world.deadline())) << id;
    world.http.answer(200, boost::json::serialize(boost::json::object{{"value", "TOKEN"}, {"id", id}}));
    EXPECT_FALSE(world.vault->put("RefreshToken", Secret("TOKEN"), {}, world.deadline())) << id;
  }
}

TEST(KeyVault, AVersionThatIsNoIdIsNotAskedFor) {
  for (const auto& id : hostile_ids()) {
    World world;
    EXPECT_FALSE(world.vault->disable("RefreshToken", id, world.deadline())) << id;
    EXPECT_TRUE(world.http.sent.empty()) << id;
  }
}

}  // namespace
}  // namespace portalkey::key_vault_test
