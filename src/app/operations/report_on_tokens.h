#pragma once
// What somebody should look at among the tenant's tokens: long not activated, spare, of users who are gone; users without one,
// or with too many.

#include <filesystem>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "app/tenant/tenant_users.h"
#include "jobs/report/tenant_report.h"

namespace portalkey {

struct ReportOptions {
  std::chrono::days not_activated_for{14};
  std::filesystem::path users;  ///< a list of UPNs, of whom it is to be told who has no token; empty: none
};

struct TokensReport {
  std::vector<TenantToken> tokens;  ///< what `found` points to
  TenantReport found;
  bool asked_for_users = false;  ///< a list of users was given
  std::vector<NotChecked> not_checked;
  std::vector<std::string> warnings;  ///< about the list of users
};

Result<TokensReport> report_on_tokens(Tenant& tenant, const ReportOptions& options);

}  // namespace portalkey
