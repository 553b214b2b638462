// Claims challenges, from the resource to the authority and back.

#include "base/base64.h"
#include "tests/sandbox/entra/app_fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kCapability = R"({"access_token":{"xms_cc":{"values":["CP1"]}}})";

class EntraClaims : public EntraAppTest {
 protected:
  HttpResponse token(std::string_view claims = {}) {
    return post_form(v2(), "grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default&client_id=" +
                               client_id() + "&client_secret=" + percent_encode(client_secret()) +
                               (claims.empty() ? "" : "&claims=" + percent_encode(claims)));
  }
  HttpResponse vault(const HttpResponse& tokens) {
    return send("GET", std::string(kVault) + "/secrets?api-version=7.4", bearer(text_at(tokens, "access_token")));
  }
  static std::string claims_in(const HttpResponse& challenge) {
    const std::string header(challenge.header("www-authenticate"));
    const auto begin = header.find("claims=\"") + 8;
    return decode_base64(header.substr(begin, header.find('"', begin) - begin)).value_or("");
  }
};

TEST_F(EntraClaims, VaultChallengesOlderTokensUntilTheClaimsAreAskedFor) {
  const auto before = token(kCapability);
  EXPECT_EQ(vault(before).status, 200);
  policy(R"({"claimsChallenge":["vault"]})");
  const auto challenged = vault(before);
  EXPECT_EQ(challenged.status, 401);
  EXPECT_TRUE(std::string(challenged.header("www-authenticate")).starts_with("Bearer realm=\"\", authorization_uri=\"https://"))
      << challenged.header("www-authenticate");
  EXPECT_NE(challenged.header("www-authenticate").find("error=\"insufficient_claims\""), std::string_view::npos);
  const auto claims = claims_in(challenged);
  EXPECT_EQ(claims, R"({"access_token":{"nbf":{"essential":true,"value":"1767225600"}}})");
  EXPECT_EQ(vault(token()).status, 401) << "a cached or equally old token does not do";
  EXPECT_EQ(vault(token(claims)).status, 200);
  EXPECT_EQ(vault(before).status, 401);
  policy(R"({"claimsChallenge":[]})");
  EXPECT_EQ(vault(before).status, 200);
}

TEST_F(EntraClaims, LaterTokensNeedNoClaims) {
  policy(R"({"claimsChallenge":["vault"]})");
  EXPECT_EQ(vault(token()).status, 401);
  advance(std::chrono::seconds(1));
  EXPECT_EQ(vault(token()).status, 200);
}

TEST_F(EntraClaims, OnlyTheNamedServiceChallenges) {
  policy(R"({"claimsChallenge":["portal"]})");
  EXPECT_EQ(vault(token()).status, 200);
  const auto signed_in = sign_in(kPortalApp);
  const auto challenged = portal("GET", "/AccountSkus?backfillTenants=false", *string_member(signed_in, "access_token"));
  EXPECT_EQ(challenged.status, 401);
  const auto claims = claims_in(challenged);
  const auto again = post_form(v1(), "grant_type=refresh_token&client_id=" + std::string(kAzurePowerShell) + "&refresh_token=" +
                                         *string_member(signed_in, "refresh_token") + "&claims=" + percent_encode(claims));
  EXPECT_EQ(portal("GET", "/AccountSkus?backfillTenants=false", text_at(again, "access_token")).status, 200);
}

TEST_F(EntraClaims, ResourceManagerAndGraphChallengeToo) {
  struct Row {
    std::string_view service, resource, url;
  };
  const Row rows[] = {
      {"arm", "https://management.azure.com/", "https://management.azure.com/subscriptions?api-version=2022-12-01"},
      {"graph", "https://graph.microsoft.com", "https://graph.microsoft.com/v1.0/me"},
  };
  for (const auto& row : rows) {
    const auto token = access_token(row.resource, kAdminAccount);
    EXPECT_EQ(send("GET", row.url, bearer(token)).status, 200) << row.service;
    policy(json::serialize(json::object{{"claimsChallenge", json::array{row.service}}}));
    const auto challenged = send("GET", row.url, bearer(token));
    EXPECT_EQ(challenged.status, 401) << row.service;
    EXPECT_NE(claims_in(challenged).find("\"nbf\""), std::string::npos) << challenged.header("www-authenticate");
    policy(R"({"claimsChallenge":null})");
  }
}

TEST_F(EntraClaims, MandatoryMfaChallengesChangesOfUsersWithoutIt) {
  constexpr std::string_view kArm = "https://management.azure.com/";
  const std::string url = "https://management.azure.com/subscriptions/" + emulator->world().state.subscription_id +
                          "/resourcegroups/rg?api-version=2024-07-01";
  policy(R"({"mandatoryMfa":true,"mfaAtSignIn":false})");
  const auto without = access_token(kArm, kAdminAccount);
  EXPECT_EQ(send("GET", url, bearer(without)).status, 404) << "reads pass";
  const auto challenged = send("PUT", url, bearer(without), R"({"location":"westeurope"})");
  EXPECT_EQ(challenged.status, 401);
  EXPECT_EQ(claims_in(challenged), R"({"access_token":{"acrs":{"essential":true,"values":["p1"]}}})");
  policy(R"({"mfaAtSignIn":true})");
  EXPECT_EQ(send("PUT", url, bearer(access_token(kArm, kAdminAccount)), R"({"location":"westeurope"})").status, 201);
}

TEST_F(EntraClaims, ChallengesOutliveARestart) {
  policy(R"({"claimsChallenge":["vault","arm"],"workloadError":53003})");
  const auto saved = emulator->saved();
  auto again = Emulator::make(usual(), clock, saved);
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(again->world().state.policy.claims_challenges, emulator->world().state.policy.claims_challenges);
  EXPECT_EQ(again->world().state.policy.claims_challenges.size(), 2u);
  EXPECT_EQ(again->world().state.policy.workload_error, 53003);
}

TEST_F(EntraClaims, CapabilityIsWrittenIntoTheToken) {
  const auto claims = claims_of(text_at(token(kCapability), "access_token"));
  ASSERT_NE(member(claims, "xms_cc"), nullptr);
  EXPECT_EQ(json::serialize(*member(claims, "xms_cc")), R"(["CP1"])");
  EXPECT_EQ(member(claims_of(text_at(token(), "access_token")), "xms_cc"), nullptr);
}

TEST_F(EntraClaims, NonsenseIsRefused) {
  EXPECT_EQ(aadsts_of(token("not json")), 9002313);
  EXPECT_EQ(token("{}").status, 200);
  EXPECT_EQ(token(R"({"access_token":{"nbf":{"value":[]},"xms_cc":7}})").status, 200);
  EXPECT_EQ(admin("POST", "/policy", R"({"claimsChallenge":["login"]})").status, 400);
  EXPECT_EQ(admin("POST", "/policy", R"({"claimsChallenge":true})").status, 400);
}

}  // namespace
}  // namespace portalkey::sandbox
