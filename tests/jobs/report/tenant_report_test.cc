#include "jobs/report/tenant_report.h"

#include <gtest/gtest.h>

namespace portalkey::tenant_report_test {
namespace {

TenantToken token(std::string serial, std::string upn, bool active) {
  TenantToken out;
  out.oath_id = "oath-" + serial;
  out.user_id = upn.empty() ? "" : "id-" + upn;
  out.serial = std::move(serial);
  out.upn = std::move(upn);
  out.active = active;
  return out;
}

TEST(TenantReport, EachFinding) {
  const auto now = from_unix_seconds(1'767'225'600);
  std::vector<TenantToken> tenant{token("1", "anna@contoso.com", true), token("2", "bob@contoso.com", false),
                                  token("3", "carol@contoso.com", false), token("4", "", false),
                                  token("5", "dora@contoso.com", true)};
  for (int n = 0; n < 5; ++n)
    tenant.push_back(token("1" + std::to_string(n), n % 2 == 0 ? "Eve@contoso.com" : "eve@contoso.com", true));
  tenant.push_back(token("6", "", true));
  tenant.back().user_id = "somebody who is gone";
  TenantReportInput input;
  input.not_activated_for = std::chrono::days(7);
  input.now = now;
  input.waiting_since = {{"2", now - std::chrono::days(7)}, {"3", now - std::chrono::days(6)}};
  input.users = {"zoe@contoso.com", "ANNA@contoso.com"};
  input.user = [](const std::string& upn) {
    return upn == "dora@contoso.com" ? TenantReportInput::User::disabled : TenantReportInput::User::fine;
  };
  const auto report = report_on(tenant, input);
  ASSERT_EQ(report.not_activated.size(), 1u);
  EXPECT_EQ(report.not_activated[0].token->serial, "2");
  EXPECT_EQ(report.not_activated[0].days, 7);
  ASSERT_EQ(report.spare.size(), 1u);
  EXPECT_EQ(report.spare[0]->serial, "4");
  ASSERT_EQ(report.at_limit.size(), 1u);
  EXPECT_EQ(report.at_limit[0].tokens, 5u);
  ASSERT_EQ(report.of_deleted.size(), 1u);
  EXPECT_EQ(report.of_deleted[0]->serial, "6");
  ASSERT_EQ(report.of_disabled.size(), 1u);
  EXPECT_EQ(report.of_disabled[0]->serial, "5");
  EXPECT_EQ(report.without_token, std::vector<std::string>{"zoe@contoso.com"});
  EXPECT_EQ(report.active, 8u);
  EXPECT_EQ(report.not_active, 2u);
}

TEST(TenantReport, UnknownUsersAreNotSaidToBeGone) {
  const std::vector<TenantToken> tenant{token("1", "anna@contoso.com", true)};
  EXPECT_TRUE(report_on(tenant, {}).of_deleted.empty());
}

}  // namespace
}  // namespace portalkey::tenant_report_test
