#include "app/operations/report_on_tokens.h"

#include <fmt/format.h>

#include <set>

#include "jobs/verdict/tenant_check.h"
#include "seeds/assignment/assignment_list.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kReadingAll{30};

Result<std::vector<std::string>> listed_users(const std::filesystem::path& file, std::vector<std::string>& warnings) {
  std::vector<std::string> users;
  if (file.empty()) return users;
  auto list = AssignmentList::read(file);
  if (!list) return pass(list);
  std::set<std::string> seen;
  for (const auto& entry : list->entries()) {
    if (!entry.upn.empty() && seen.insert(account_of(entry.upn)).second) users.emplace_back(entry.upn);
  }
  for (const auto& problem : list->problems())
    warnings.push_back(fmt::format("{}, line {}: {}: {}", list->name(), problem.line, problem.field, problem.what));
  return users;
}

}  // namespace

Result<TokensReport> report_on_tokens(Tenant& tenant, const ReportOptions& options) {
  TokensReport report;
  report.asked_for_users = !options.users.empty();
  auto users = listed_users(options.users, report.warnings);
  if (!users) return pass(users);
  const auto progress = tenant.interaction().progress();
  progress->phase("reading the tenant's tokens");
  auto tokens = tenant.open_tokens()->list({}, tenant.deadline(kReadingAll));
  if (!tokens) return pass(tokens);
  report.tokens = std::move(*tokens);
  std::set<std::string> accounts;
  std::vector<std::string> waiting;
  for (const auto& token : report.tokens) {
    if (!token.upn.empty()) accounts.insert(account_of(token.upn));
    if (!token.active && !token.nobodys()) waiting.push_back(token.serial);
  }
  TenantUsers known;
  if (!accounts.empty()) {
    auto looked_up = look_users_up(tenant, accounts, *progress);
    if (!looked_up) return pass(looked_up);
    known = std::move(*looked_up);
  }
  report.not_checked = std::move(known.not_checked);
  auto store = tenant.jobs();
  if (!store) return pass(store);
  auto since = (*store)->waiting_since(tenant.profile().tenant, waiting);
  if (!since) return pass(since);

  TenantReportInput input;
  input.not_activated_for = options.not_activated_for;
  input.now = tenant.clock().now();
  input.waiting_since = std::move(*since);
  input.users = std::move(*users);
  using User = TenantReportInput::User;
  if (known.found) {
    input.user = [&](const std::string& upn) {
      const auto found = known.found->find(account_of(upn));
      if (found == known.found->end()) return User::absent;
      return found->second.enabled.value_or(true) ? User::fine : User::disabled;
    };
  }
  report.found = report_on(report.tokens, input);
  return report;
}

}  // namespace portalkey
