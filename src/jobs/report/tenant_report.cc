#include "jobs/report/tenant_report.h"

#include <algorithm>
#include <map>

#include "jobs/verdict/tenant_check.h"

namespace portalkey {

TenantReport report_on(const std::vector<TenantToken>& tenant, const TenantReportInput& input) {
  using User = TenantReportInput::User;
  TenantReport report;
  report.tokens = tenant.size();
  std::map<std::string, TenantReport::Holder> holders;
  for (const auto& token : tenant) {
    if (token.nobodys()) {
      report.spare.push_back(&token);
      continue;
    }
    ++(token.active ? report.active : report.not_active);
    const User user = token.upn.empty() ? User::absent : input.user ? input.user(token.upn) : User::unknown;
    if (user == User::absent) report.of_deleted.push_back(&token);
    if (user == User::disabled) report.of_disabled.push_back(&token);
    if (!token.upn.empty()) {
      auto& holder = holders[account_of(token.upn)];
      holder.upn = token.upn;
      ++holder.tokens;
    }
    if (token.active) continue;
    const auto since = input.waiting_since.find(token.serial);
    if (since == input.waiting_since.end()) continue;
    const auto waited = std::chrono::duration_cast<std::chrono::days>(input.now - since->second);
    if (waited >= input.not_activated_for) report.not_activated.push_back({&token, since->second, waited.count()});
  }
  std::ranges::stable_sort(report.not_activated, {}, &TenantReport::Waiting::since);
  for (const auto& [account, holder] : holders) {
    if (holder.tokens >= kTokensPerUser) report.at_limit.push_back(holder);
  }
  for (const auto& upn : input.users) {
    if (!holders.contains(account_of(upn))) report.without_token.push_back(upn);
  }
  return report;
}

}  // namespace portalkey
