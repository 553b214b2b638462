#include "base/base64.h"
#include "sandbox/entra/workload_issuer.h"
#include "tests/sandbox/entra/app_fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kSubject = "system:serviceaccount:tokens:portalkey";

class EntraFederated : public EntraAppTest {
 protected:
  void SetUp() override {
    EntraAppTest::SetUp();
    trust(workload_issuer(emulator->world()));
  }
  void trust(std::string issuer) {
    app().federated = {{"fic", "cluster", std::move(issuer), std::string(kSubject), "", {"api://AzureADTokenExchange"}}};
  }
  std::string token(std::string_view body = R"({"subject":"system:serviceaccount:tokens:portalkey"})") {
    const auto answer = admin("POST", "/federated-token", std::string(body));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return text_at(answer, "token");
  }
};

TEST_F(EntraFederated, TokenOfTheClusterStandsForTheApp) {
  const auto answer = with_assertion(token());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto claims = claims_of(text_at(answer, "access_token"));
  EXPECT_EQ(string_member(claims, "appid"), client_id());
  EXPECT_EQ(string_member(claims, "appidacr"), "2");
  EXPECT_EQ(string_member(claims, "oid"), principal().object_id);
}

TEST_F(EntraFederated, AdminTellsWhatItMade) {
  const auto made = object_of(admin("POST", "/federated-token", R"({"subject":"s","audience":"a","lifetimeSeconds":60})"));
  EXPECT_EQ(string_member(made, "issuer"), workload_issuer(emulator->world()));
  EXPECT_EQ(int_member(made, "expiresOn"), now() + 60);
  const auto claims = claims_of(*string_member(made, "token"));
  EXPECT_EQ(string_member(claims, "sub"), "s");
  EXPECT_EQ(json::serialize(*member(claims, "aud")), R"(["a"])");
  EXPECT_EQ(admin("POST", "/federated-token", R"({"audience":"a"})").status, 400);
}

TEST_F(EntraFederated, EachMismatchHasItsCode) {
  const auto code = [&](std::string_view body) {
    const auto answer = with_assertion(token(body));
    EXPECT_EQ(answer.status, 401) << answer.body;
    EXPECT_EQ(text_at(answer, "error"), "invalid_client");
    return aadsts_of(answer);
  };
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:portalkey","issuer":"https://elsewhere.test/"})"), 700211);
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:other"})"), 700213);
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:PORTALKEY"})"), 700213) << "letter case counts";
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:portalkey","audience":"api://other"})"), 700212);
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:portalkey","lifetimeSeconds":-301})"), 700024);
  app().federated.clear();
  EXPECT_EQ(code(R"({"subject":"system:serviceaccount:tokens:portalkey"})"), 70025);
}

TEST_F(EntraFederated, TextNamesWhatWasPresented) {
  EXPECT_NE(text_at(with_assertion(token(R"({"subject":"somebody"})")), "error_description").find("subject 'somebody'"),
            std::string::npos);
}

TEST_F(EntraFederated, ForgeryIsFound) {
  const auto good = token();
  // The same claims, signed by a key the issuer never published.
  const json::object head{{"alg", "RS256"}, {"kid", "forged"}};
  const auto forged = with_assertion(signed_jwt(head, claims_of(good), first_key().key.get()));
  EXPECT_EQ(aadsts_of(forged), 7000272) << forged.body;
  EXPECT_EQ(aadsts_of(with_assertion(good.substr(0, good.rfind('.') + 1) + "AAAA")), 7000272);
}

TEST_F(EntraFederated, IssuerWhoseKeysTheSandboxCannotFetchIsNotTrustedBlindly) {
  trust("https://token.actions.githubusercontent.com");
  const auto answer = with_assertion(
      token(R"({"subject":"system:serviceaccount:tokens:portalkey","issuer":"https://token.actions.githubusercontent.com"})"));
  EXPECT_EQ(aadsts_of(answer), 50166) << answer.body;
}

TEST_F(EntraFederated, AppTokenForTheExchangeIsAnOutsideTokenToo) {
  // How an app trusts a managed identity: Entra is the issuer, the identity's object id the subject.
  const auto exchanged = post_form(v2(), "grant_type=client_credentials&client_id=" + client_id() +
                                             "&client_secret=" + percent_encode(client_secret()) +
                                             "&scope=" + percent_encode("api://AzureADTokenExchange/.default"));
  ASSERT_EQ(exchanged.status, 200) << exchanged.body;
  const auto token = text_at(exchanged, "access_token");
  EXPECT_EQ(string_member(claims_of(token), "aud"), "fb60f99c-7a34-4190-8149-302f77469936");
  app().federated = {{"fic",
                      "identity",
                      std::string(kLogin) + '/' + tenant() + "/v2.0",
                      principal().object_id,
                      "",
                      {"api://AzureADTokenExchange"}}};
  EXPECT_EQ(with_assertion(token).status, 200) << with_assertion(token).body;
}

}  // namespace
}  // namespace portalkey::sandbox
