// The door of the portal's API, and its simple reads.
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class PortalDoor : public SandboxTest {
 protected:
  /// `ClientData.errorCode` and `Message`.
  static std::pair<std::string, std::string> error_of(const HttpResponse& answer) {
    const auto body = object_of(answer);
    const auto* data = member(body, "ClientData");
    return {data != nullptr ? string_member(data->get_object(), "errorCode").value_or("") : "",
            string_member(body, "Message").value_or("")};
  }
};

TEST_F(PortalDoor, WantsATokenOfItsOwnAudience) {
  const auto without = send("GET", std::string(kPortal) + "/AccountSkus?backfillTenants=false");
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("content-type"), "text/html");
  EXPECT_EQ(portal("GET", "/AccountSkus", "nonsense").status, 401);
  EXPECT_EQ(portal("GET", "/AccountSkus", access_token("https://graph.microsoft.com")).status, 401);
  EXPECT_EQ(portal("GET", "/AccountSkus", access_token(kPortalApp)).status, 200);
  EXPECT_EQ(portal("GET", "/AccountSkus", access_token("https://main.iam.ad.ext.azure.com")).status, 200);
  const auto gov = access_token("ee62de39-b9b0-4886-aa58-08b89c4e3db3");
  EXPECT_EQ(portal("GET", "/AccountSkus", gov).status, 401);
  TextPairs headers = bearer(gov);
  headers.emplace_back("x-ms-client-request-id", "11111111-1111-4111-8111-111111111111");
  EXPECT_EQ(send("GET", "https://main.iam.ad.ext.azure.us/api/AccountSkus", headers).status, 200);
}

TEST_F(PortalDoor, RefusesAppOnlyTokens) {
  const auto answer = portal("GET", "/AccountSkus", app_token(kPortalApp));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(error_of(answer).second.find("AADSTS7000114"), std::string::npos);
}

TEST_F(PortalDoor, ExpiredTokenIsA400WithAadsts500133) {
  const auto token = access_token(kPortalApp);
  advance(std::chrono::minutes(91));
  const auto answer = portal("GET", "/AccountSkus", token);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_of(answer).first, "msalautherror_invalid_grant");
  EXPECT_TRUE(error_of(answer).second.starts_with("AADSTS500133: Assertion is not within its valid time range."));
  EXPECT_NE(answer.body.find(R"("exceptionType":"MsalUiRequiredException")"), std::string::npos);
}

TEST_F(PortalDoor, WhatEntraRefusesComesBackAsA400) {
  const auto token = access_token(kPortalApp);
  policy(R"({"portalError":53003})");
  EXPECT_TRUE(error_of(portal("GET", "/AccountSkus", token)).second.starts_with("AADSTS53003: "));
  policy(R"({"portalError":null})");
  admin("POST", "/revoke", R"({"all":true})");
  EXPECT_TRUE(error_of(portal("GET", "/AccountSkus", token)).second.starts_with("AADSTS50173: "));
  policy(R"({"mfaAtSignIn":false})");
  const auto weak = access_token(kPortalApp);
  policy(R"({"requireMfa":true})");
  EXPECT_TRUE(error_of(portal("GET", "/AccountSkus", weak)).second.starts_with("AADSTS50076: "));
}

TEST_F(PortalDoor, WantsItsGuidHeaders) {
  TextPairs headers = bearer(access_token(kPortalApp));
  const std::string tokens = std::string(kPortal) + "/MultiFactorAuthentication/HardwareToken/listUploads";
  EXPECT_EQ(error_of(send("GET", tokens, headers)).first, "ArgumentNull");
  headers.emplace_back("x-ms-client-request-id", "11111111-1111-4111-8111-111111111111");
  const auto answer = send("GET", tokens, headers);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(error_of(answer),
            std::pair(std::string("ArgumentNull"), std::string("Value cannot be null.\r\nParameter name: correlationId")));
  EXPECT_EQ(send("GET", std::string(kPortal) + "/AccountSkus", headers).status, 200) << "only token paths want it";
  headers.emplace_back("x-ms-correlation-id", "22222222-2222-4222-8222-222222222222");
  const auto good = send("GET", tokens, headers);
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(good.header("x-ms-correlation-id"), "22222222-2222-4222-8222-222222222222");
  for (const auto* name : {"x-ms-version", "x-ms-operation-maturity", "x-ms-expected-duration", "strict-transport-security",
                           "access-control-expose-headers", "x-ua-compatible", "date"}) {
    EXPECT_FALSE(good.header(name).empty()) << name;
  }
}

TEST_F(PortalDoor, UnknownPathsAndMethods) {
  const auto token = access_token(kPortalApp);
  const auto unknown = portal("GET", "/Xxx", token);
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(text_at(unknown, "message"),
            "No HTTP resource was found that matches the request URI 'https://main.iam.ad.ext.azure.com/api/Xxx'");
  EXPECT_EQ(portal("GET", "/MultiFactorAuthentication/HardwareToken/delete", token).status, 404);
  EXPECT_EQ(portal("GET", "/MultiFactorAuthentication/HardwareToken/upload", token).status, 405);
  EXPECT_EQ(send("GET", "https://main.iam.ad.ext.azure.com/qos").status, 200);
}

TEST_F(PortalDoor, ReadsAreTyped) {
  const auto token = access_token(kPortalApp);
  const auto skus = parse_json(portal("GET", "/accountskus?backfillTenants=true", token).body);
  ASSERT_TRUE(skus && skus->is_array());
  EXPECT_GE(skus->get_array().size(), 3u);
  EXPECT_NE(json::serialize(*skus).find("41781fb2-bc02-4b7c-bd55-b576c07bb09d"), std::string::npos);
  EXPECT_EQ(text_at(portal("GET", "/Directories/Properties", token), "objectId"), tenant());
  EXPECT_EQ(text_at(portal("GET", "/Permissions", token), "userPrincipalName"), kServiceAccount);
}

}  // namespace
}  // namespace portalkey::sandbox
