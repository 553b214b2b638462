#include "entra/credentials/app_credentials.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/base64.h"
#include "base/random.h"
#include "tests/entra/made_certificate.h"
#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey::app_credentials_test {
namespace {

using namespace std::chrono_literals;

const std::string kToken = R"({"token_type":"Bearer","expires_in":3599,"access_token":"AT"})";
const std::string kCapability = "claims=%7B%22access_token%22%3A%7B%22xms_cc%22%3A%7B%22values%22%3A%5B%22cp1%22%5D%7D%7D%7D";

std::string refusal(std::int64_t code, const std::string& word = "invalid_client") {
  return R"({"error":")" + word + R"(","error_codes":[)" + std::to_string(code) + R"(],"error_description":"AADSTS)" +
         std::to_string(code) + R"(: no"})";
}

/// Making one takes a good part of a second.
std::shared_ptr<EVP_PKEY> one_key() {
  static const auto key = MadeCertificate::rsa_key();
  return key;
}

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  Random random{1};
  ScriptedHttp http;
  TemporaryFolder folder;
  MadeCertificate certificate{one_key()};
  AppIdentity app() { return {TokenEndpoint(http, *find_cloud("global"), "contoso.com", clock, random), "app-id"}; }
  Deadline deadline() const { return Deadline::in(20min, clock); }
  std::unique_ptr<Credential> by_secret() {
    return make_client_secret_credential(app(), [] { return Result<Secret>(Secret("s3cret&")); }, clock);
  }
  std::unique_ptr<Credential> by_certificate() {
    return make_client_certificate_credential(
        app(), [this] { return Result<Secret>(Secret(certificate.certificate_pem() + certificate.key_pem())); },
        [] { return Result<Secret>(Secret()); }, clock, random);
  }
  std::unique_ptr<Credential> by_workload() { return make_workload_identity_credential(app(), folder / "token", clock); }
  void write_token(const std::string& text) { std::ofstream(folder / "token") << text; }
};

std::string text(const Result<Secret>& secret) {
  return secret ? secret->reveal([](std::string_view bare) { return std::string(bare); }) : "error: " + secret.error().what;
}

TEST(ClientSecret, IsSentWithTheCapabilityToAnswerChallenges) {
  World world;
  world.http.answer(200, kToken);
  EXPECT_EQ(text(world.by_secret()->access_token("https://vault.azure.net", world.deadline())), "AT");
  EXPECT_EQ(
      world.http.sent[0].body,
      "grant_type=client_credentials&client_id=app-id&client_secret=s3cret%26&scope=https%3A%2F%2Fvault.azure.net%2F.default&" +
          kCapability);
}

TEST(ClientSecret, AChallengesDemandIsAddedToIt) {
  World world;
  world.http.answer(200, kToken).answer(200, kToken);
  auto credential = world.by_secret();
  const Secret first = std::move(*credential->access_token("r", world.deadline()));
  ASSERT_TRUE(credential->answer_challenge("r", first, R"({"access_token":{"nbf":{"value":"1"}}})", world.deadline()));
  const auto body = world.http.sent[1].body;
  EXPECT_NE(body.find("claims=%7B%22access_token%22%3A%7B%22nbf%22%3A%7B%22value%22%3A%221%22%7D%2C%22xms_cc"),
            std::string::npos)
      << body;
}

/// The JWT's header and claims of an assertion in a form.
boost::json::object header_of(const SentRequest& request) {
  const auto begin = request.body.find("client_assertion=") + 17;
  const std::string jwt = request.body.substr(begin, request.body.find('&', begin) - begin);
  return boost::json::parse(*decode_base64url(jwt.substr(0, jwt.find('.')))).as_object();
}

TEST(ClientCertificateCredential, ProvesItselfWithPs256ForTheTokenEndpoint) {
  World world;
  world.http.answer(200, kToken);
  ASSERT_TRUE(world.by_certificate()->access_token("r", world.deadline()));
  const auto& sent = world.http.sent[0];
  EXPECT_EQ(header_of(sent).at("alg"), "PS256");
  EXPECT_NE(sent.body.find("client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"),
            std::string::npos);
  EXPECT_EQ(sent.body.find("client_secret"), std::string::npos);
}

TEST(ClientCertificateCredential, FallsBackOnceAndRemembersIt) {
  for (const int code : {700027, 50027}) {
    World world;
    world.http.answer(401, refusal(code)).answer(200, kToken).answer(200, kToken);
    auto credential = world.by_certificate();
    ASSERT_TRUE(credential->access_token("a", world.deadline()));
    ASSERT_TRUE(credential->access_token("b", world.deadline()));
    EXPECT_EQ(header_of(world.http.sent[0]).at("alg"), "PS256");
    EXPECT_EQ(header_of(world.http.sent[1]).at("alg"), "RS256");
    EXPECT_EQ(header_of(world.http.sent[2]).at("alg"), "RS256") << "remembered";
  }
}

TEST(ClientCertificateCredential, ACertificateThatEntraDoesNotKnowIsNamedAndNothingRemembered) {
  World world;
  world.http.answer(401, refusal(700027)).answer(401, refusal(700027)).answer(200, kToken);
  auto credential = world.by_certificate();
  auto token = credential->access_token("a", world.deadline());
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::unauthenticated);
  EXPECT_NE(token.error().remedy.find("az ad app credential reset --id app-id"), std::string::npos) << token.error().remedy;
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  X509_digest(world.certificate.certificate.get(), EVP_sha1(), hash, &size);
  std::string thumbprint;
  for (unsigned int i = 0; i < size; ++i)
    thumbprint += "0123456789ABCDEF"[hash[i] >> 4], thumbprint += "0123456789ABCDEF"[hash[i] & 15];
  EXPECT_NE(token.error().remedy.find(thumbprint), std::string::npos) << token.error().remedy;
  ASSERT_TRUE(credential->access_token("a", world.deadline()));
  EXPECT_EQ(header_of(world.http.sent[2]).at("alg"), "PS256");
}

TEST(ClientCertificateCredential, AnExpiredOneIsNotEvenSent) {
  World world;
  world.certificate = MadeCertificate(one_key(), from_unix_seconds(1'700'000'000), world.clock.now() - 1s);
  auto token = world.by_certificate()->access_token("a", world.deadline());
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().what.find("expired at 2025-12-31T23:59:59Z"), std::string::npos) << token.error().what;
  world.certificate = MadeCertificate(one_key(), world.clock.now() + 1h);
  token = world.by_certificate()->access_token("a", world.deadline());
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().what.find("not valid before"), std::string::npos) << token.error().what;
}

TEST(WorkloadIdentity, ReadsTheTokenFileEachTime) {
  World world;
  world.write_token("outside.token.1\n");
  auto credential = world.by_workload();
  world.http.answer(200, kToken).answer(200, kToken);
  ASSERT_TRUE(credential->access_token("a", world.deadline()));
  world.write_token("outside.token.2");
  ASSERT_TRUE(credential->access_token("b", world.deadline()));
  EXPECT_NE(world.http.sent[0].body.find("client_assertion=outside.token.1&"), std::string::npos);
  EXPECT_NE(world.http.sent[1].body.find("client_assertion=outside.token.2&"), std::string::npos);
}

TEST(WorkloadIdentity, AMissingOrEmptyFileIsNamed) {
  World world;
  auto token = world.by_workload()->access_token("a", world.deadline());
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().remedy.find("AZURE_FEDERATED_TOKEN_FILE"), std::string::npos);
  EXPECT_EQ(token.error().context.at(0).second, (world.folder / "token").string());
  world.write_token(" \n");
  token = world.by_workload()->access_token("a", world.deadline());
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().what.find("empty"), std::string::npos);
}

TEST(AppCredentials, EveryRefusalIsExplainedForThatCredential) {
  enum Kind { secret, certificate, workload };
  const struct {
    Kind kind;
    int code;
    Errc errc;
    const char* remedy;
  } rows[] = {
      {secret, 7000215, Errc::unauthenticated, "az ad app credential reset --id app-id"},
      {secret, 7000222, Errc::unauthenticated, "Make another secret"},
      {secret, 700016, Errc::unauthenticated, "az ad app show --id app-id"},
      {secret, 7000229, Errc::unauthenticated, "az ad sp create --id app-id"},
      {secret, 53003, Errc::forbidden, "workload identities"},
      {secret, 50076, Errc::forbidden, "Service principal sign-ins"},
      {secret, 50079, Errc::forbidden, "Service principal sign-ins"},
      {certificate, 7000222, Errc::unauthenticated, "--cert"},
      {certificate, 700024, Errc::unauthenticated, "clock"},
      {certificate, 53003, Errc::forbidden, "workload identities"},
      {workload, 700016, Errc::unauthenticated, "az ad app show"},
      {workload, 70021, Errc::unauthenticated, "federated-credential list --id app-id"},
      {workload, 700211, Errc::unauthenticated, "federated-credential list"},
      {workload, 700213, Errc::unauthenticated, "federated-credential list"},
      {workload, 700024, Errc::unauthenticated, "has expired"},
      {workload, 700027, Errc::unauthenticated, "issuer"},
  };
  for (const auto& row : rows) {
    World world;
    world.write_token("outside");
    auto credential = row.kind == secret        ? world.by_secret()
                      : row.kind == certificate ? world.by_certificate()
                                                : world.by_workload();
    world.http.answer(401, refusal(row.code));
    auto token = credential->access_token("a", world.deadline());
    ASSERT_FALSE(token) << row.code;
    EXPECT_EQ(token.error().code, row.errc) << row.code;
    EXPECT_NE(token.error().remedy.find(row.remedy), std::string::npos) << row.code << ": " << token.error().remedy;
    EXPECT_NE(token.error().what.find(std::to_string(row.code)), std::string::npos);
    EXPECT_EQ(token.error().remedy.find("[[sign-in"), std::string::npos) << "no person can help a service principal";
    EXPECT_EQ(token.error().remedy.find('{'), std::string::npos);
  }
}

}  // namespace
}  // namespace portalkey::app_credentials_test
