#include "entra/oauth/aadsts.h"

#include <gtest/gtest.h>

#include <cctype>

namespace portalkey::aadsts_test {
namespace {

Response answer(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = Secret(body);
  return response;
}

std::string lowered(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

TEST(Aadsts, WhatNeedsAPersonIsNeverCalledPassing) {
  for (const int code :
       {16000, 50034, 50055, 50057, 50072,  50074,  50076, 50078, 50079, 50097, 50131,  50132,  50133,  50135,  50158,
        50173, 53000, 53001, 53003, 530032, 530084, 70000, 70008, 70043, 70044, 700005, 700082, 700084, 135010, 135011}) {
    const auto error = aadsts_error(code, "invalid_grant");
    EXPECT_EQ(error.code, Errc::needs_person) << code;
    EXPECT_FALSE(error.remedy.empty()) << code;
    EXPECT_NE(error.what.find(std::to_string(code)), std::string::npos);
  }
  for (const int code : {50033, 90006, 90012, 90024, 90033, 90090})
    EXPECT_EQ(aadsts_error(code, "x").code, Errc::unavailable) << code;
  for (const int code : {7000215, 7000218, 7000222, 700016, 700027})
    EXPECT_EQ(aadsts_error(code, "x").code, Errc::unauthenticated) << code;
}

TEST(Aadsts, UnknownCodesFallBackOnTheErrorWord) {
  EXPECT_EQ(aadsts_error(1, "invalid_grant").code, Errc::needs_person);
  EXPECT_EQ(aadsts_error(0, "interaction_required").code, Errc::needs_person);
  EXPECT_EQ(aadsts_error(0, "temporarily_unavailable").code, Errc::unavailable);
  EXPECT_EQ(aadsts_error(0, "invalid_client").code, Errc::unauthenticated);
  EXPECT_EQ(aadsts_error(0, "").code, Errc::invalid_input);
}

TEST(Aadsts, WhereEntraSaysWhichOneIsMeantItsSentenceIsKept) {
  for (const int code : {500014, 90072, 530021, 53009, 530003, 50005, 7000112, 50105, 650052}) {
    const auto error = aadsts_error(code, "invalid_grant", "AADSTS1: Of 'Contoso Tokens' it is said. Trace ID: 1");
    EXPECT_TRUE(error.what.contains("(AADSTS" + std::to_string(code) + "); Entra says: Of 'Contoso Tokens' it is said"))
        << error.what;
  }
}

TEST(Aadsts, OfACodeThatIsNotKnownEntrasOwnWordsAreQuoted) {
  for (const int code : {530999, 999999}) {
    const auto error =
        aadsts_error(code, "invalid_grant",
                     "AADSTS" + std::to_string(code) +
                         ": Application 'Contoso Tokens' (1950a258-227b-4e31-a9cf-717495945fc2) is blocked. Trace ID: "
                         "11111111-2222-3333-4444-555555555555 Timestamp: 2026-11-30 01:00:00Z");
    EXPECT_EQ(error.code, Errc::needs_person);
    EXPECT_EQ(error.what,
              "Entra refused, and says: Application 'Contoso Tokens' (1950a258-227b-4e31-a9cf-717495945fc2) is blocked "
              "(invalid_grant, AADSTS" +
                  std::to_string(code) + ")");
    EXPECT_EQ(error.remedy.find("[[sign-in"), std::string::npos) << "no cure is known";
  }
  EXPECT_EQ(aadsts_error(999999, "invalid_client", "AADSTS999999: The app is odd\r\nTrace ID: x").what,
            "Entra refused, and says: The app is odd (invalid_client, AADSTS999999)");
  EXPECT_EQ(aadsts_error(53003, "invalid_grant", "AADSTS53003: other words.").what,
            "Conditional Access blocked the sign-in (AADSTS53003)");
}

TEST(Aadsts, TheCodeIsFoundInText) {
  EXPECT_EQ(find_aadsts("AADSTS500133: Assertion is not within its valid time range."), 500133);
  EXPECT_EQ(find_aadsts("see AADSTS docs, AADSTS50076: x"), 50076);
  EXPECT_EQ(find_aadsts("nothing"), 0);
}

TEST(TokenEndpointError, ReadsCodesPoliciesAndCorrelation) {
  const auto error = token_endpoint_error(answer(
      400,
      R"({"error":"invalid_grant","error_description":"AADSTS50076: x","error_codes":[50076],"correlation_id":"2222","suberror":"basic_action",)"
      R"("claims":"{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":[\"3333\",\"4444\"]}}}"})"));
  EXPECT_EQ(error.code, Errc::needs_person);
  const std::vector<std::pair<std::string, std::string>> wanted{
      {"status", "400"}, {"correlation id", "2222"}, {"suberror", "basic_action"}, {"policies", "3333, 4444"}};
  EXPECT_EQ(error.context, wanted);
}

TEST(TokenEndpointError, WhatIsNotEntrasIsNoRefusalOfEntras) {
  for (const int status : {400, 401, 403, 407, 503}) {
    for (const char* body :
         {"<html>", "", "[]", "no", R"({"error":7,"error_codes":["x"]})", R"({"error":{"code":"Forbidden"}})"}) {
      const auto error = token_endpoint_error(answer(status, body));
      EXPECT_EQ(error.code, Errc::unavailable) << status << body;
      EXPECT_NE(error.what.find("not with an answer of Entra's"), std::string::npos) << error.what;
    }
  }
}

TEST(Aadsts, WhereOneMustKnowWhichApplicationEntraSaysIt) {
  for (const int code : {50105, 65001, 500011, 650052, 700016, 7000112}) {
    const auto error =
        aadsts_error(code, "invalid_grant", "AADSTS" + std::to_string(code) + ": 'Azure PowerShell' it is. Trace ID: x");
    EXPECT_NE(error.what.find("(AADSTS" + std::to_string(code) + "); Entra says: 'Azure PowerShell' it is"), std::string::npos)
        << error.what;
    EXPECT_EQ(find_aadsts(error.what), code);
    EXPECT_EQ(aadsts_error(code, "invalid_grant").what.find("Entra says"), std::string::npos);
  }
}

TEST(Aadsts, WhoIsExcludedFromAPolicyIsToldTheSignInThatPassesThen) {
  for (const int code : {50097, 50131, 50155, 53000, 53001, 53002, 53003, 53004, 53011, 70043, 70044, 530032, 530034, 530084}) {
    const auto remedy = aadsts_error(code, "invalid_grant").remedy;
    const auto excluded = lowered(remedy).find("exclude");
    ASSERT_NE(excluded, std::string::npos) << code;
    EXPECT_NE(remedy.find("[[sign-in", excluded), std::string::npos) << code << ": " << remedy;
  }
}

}  // namespace
}  // namespace portalkey::aadsts_test
