#include "entra/aadsts.h"

#include <gtest/gtest.h>

namespace portalkey {
namespace {

Response answer(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = Secret(body);
  return response;
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

TEST(TokenEndpointError, HtmlAnswersAreSurvived) {
  EXPECT_EQ(token_endpoint_error(answer(503, "<html>")).code, Errc::unavailable);
  EXPECT_EQ(token_endpoint_error(answer(407, "<html>")).code, Errc::internal);
  EXPECT_EQ(token_endpoint_error(answer(400, "[]")).code, Errc::internal);
  EXPECT_EQ(token_endpoint_error(answer(400, R"({"error":7,"error_codes":["x"]})")).code, Errc::internal);
}

}  // namespace
}  // namespace portalkey
