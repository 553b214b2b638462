#include "doctor/graph_check.h"

#include <gtest/gtest.h>

namespace portalkey::graph_check_test {
namespace {

std::vector<Outcome> outcomes(std::vector<std::string> permissions, bool delegated = false) {
  AccessTokenClaims claims;
  claims.permissions = std::move(permissions);
  claims.delegated = delegated;
  std::vector<Outcome> out;
  for (const auto& finding : judge_graph_permissions(claims)) out.push_back(finding.outcome);
  return out;
}

constexpr auto kOk = Outcome::ok, kWarning = Outcome::warning, kFailure = Outcome::failure;

TEST(GraphCheck, AllThatIsNeeded) {
  EXPECT_EQ(outcomes({"Policy.ReadWrite.AuthenticationMethod", "UserAuthenticationMethod.ReadWrite.All", "User.Read.All"}),
            (std::vector{kOk, kOk, kOk}));
  EXPECT_EQ(outcomes({"Directory.Read.All"})[2], kOk);
}

TEST(GraphCheck, ReadingOnly) {
  EXPECT_EQ(outcomes({"Policy.Read.All", "UserAuthenticationMethod.Read.All", "User.ReadBasic.All"}),
            (std::vector{kWarning, kWarning, kWarning}));
}

TEST(GraphCheck, NothingNamesWhatIsRefusedAndWhatToGrant) {
  EXPECT_EQ(outcomes({}), (std::vector{kFailure, kFailure, kFailure}));
  const auto finding = judge_graph_permissions({}).front();
  EXPECT_NE(finding.what.find("tokens import"), std::string::npos);
  EXPECT_NE(finding.remedy.find("Policy.ReadWrite.AuthenticationMethod"), std::string::npos);
}

}  // namespace
}  // namespace portalkey::graph_check_test
