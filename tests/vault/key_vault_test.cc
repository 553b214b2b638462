#include "vault/key_vault.h"

#include <gtest/gtest.h>

#include "tests/scripted_http.h"

namespace portalkey {
namespace {

constexpr const char* kBundle =
    R"({"value":"TOKEN","contentType":"text/plain","id":"https://contoso-kv.vault.azure.net/secrets/RefreshToken/03bcccc7c8cf4546a0e3e21e52560441",)"
    R"("attributes":{"enabled":true,"exp":1774915200,"created":1767225600,"updated":1767225600},"tags":{"portalkey-account":"svc@contoso.com"}})";

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  ScriptedHttp http;
  std::unique_ptr<SecretStore> vault = make_key_vault({"https://contoso-kv.vault.azure.net"}, http,
                                                      [](const Deadline&) { return Result<Secret>(Secret("BEARER")); });
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
      {503, "<html>", Errc::unavailable, "not available"},
      {400, R"({"error":{"code":"BadParameter"}})", Errc::invalid_input, "BadParameter"},
  };
  for (const auto& row : rows) {
    World world;
    world.http.answer(row.status, row.body);
    auto got = world.vault->get("RefreshToken", world.deadline());
    ASSERT_FALSE(got) << row.body;
    EXPECT_EQ(got.error().code, row.code) << row.body;
    EXPECT_NE(got.error().what.find(row.what), std::string::npos) << got.error().what;
    EXPECT_FALSE(got.error().remedy.empty()) << row.body;
  }
}

}  // namespace
}  // namespace portalkey
