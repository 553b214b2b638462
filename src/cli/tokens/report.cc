#include <fmt/format.h>

#include <boost/json.hpp>
#include <set>

#include "app/tenant/services.h"
#include "app/tenant/tenant_users.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/terminal/global_options.h"
#include "cli/terminal/progress_line.h"
#include "cli/tokens/tokens_command.h"
#include "jobs/report/tenant_report.h"
#include "jobs/verdict/tenant_check.h"
#include "seeds/assignment/assignment_list.h"

namespace portalkey {
namespace {

struct ReportCommand {
  int days = 14;
  std::string users;  ///< a file; empty: none
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
};

Result<std::vector<std::string>> listed_users(const std::string& file) {
  std::vector<std::string> users;
  if (file.empty()) return users;
  auto list = AssignmentList::read(file);
  if (!list) return pass(list);
  std::set<std::string> seen;
  for (const auto& entry : list->entries()) {
    if (!entry.upn.empty() && seen.insert(account_of(entry.upn)).second) users.emplace_back(entry.upn);
  }
  for (const auto& problem : list->problems())
    warn(fmt::format("{}, line {}: {}: {}", list->name(), problem.line, problem.field, problem.what));
  return users;
}

std::string date(WallTime time) { return iso_time(time).substr(0, 10); }

void print_table(const TenantReport& report, const ReportCommand& command, const std::vector<NotChecked>& not_checked) {
  Table table({"FINDING", "SERIAL NUMBER", "UPN", "DETAIL"});
  for (const auto& [token, since, days] : report.not_activated)
    table.add({"not activated", shown(*token).serial, owner_of(*token),
               fmt::format("since {} ({} days) or longer", date(since), days)});
  for (const auto* token : report.of_deleted) table.add({"user deleted", shown(*token).serial, owner_of(*token), ""});
  for (const auto* token : report.of_disabled) table.add({"user disabled", shown(*token).serial, owner_of(*token), ""});
  for (const auto& holder : report.at_limit)
    table.add({"user at the limit", "", holder.upn, fmt::format("{} tokens", holder.tokens)});
  for (const auto& upn : report.without_token) table.add({"user without a token", "", upn, ""});
  for (const auto* token : report.spare) table.add({"spare", shown(*token).serial, "", shown(*token).model});
  std::string text = table.text();
  text += fmt::format("\n{} tokens: {} active, {} not activated ({} of them for {} days or longer), {} spare", report.tokens,
                      report.active, report.not_active, report.not_activated.size(), command.days, report.spare.size());
  text += fmt::format("; {} of deleted and {} of disabled users; {} users at the limit of {}", report.of_deleted.size(),
                      report.of_disabled.size(), report.at_limit.size(), kTokensPerUser);
  if (!command.users.empty()) text += fmt::format("; {} users of the list without a token", report.without_token.size());
  text += "\n";
  for (const auto& one : not_checked)
    text += fmt::format("Not checked: {}: {}. {}\n", one.what, one.why, pasteable(one.remedy));
  print(text);
}

void print_json(const TenantReport& report, const ReportCommand& command, const std::vector<NotChecked>& not_checked) {
  namespace json = boost::json;
  const auto token_json = [](const TenantToken& tenants) {
    const TenantToken token = shown(tenants);
    return json::object{{"serial", token.serial}, {"upn", token.upn}, {"userId", token.user_id}};
  };
  const auto all = [&](const std::vector<const TenantToken*>& tokens) {
    json::array out;
    for (const auto* token : tokens) out.push_back(token_json(*token));
    return out;
  };
  json::array waiting, limit, left_out;
  for (const auto& [token, since, days] : report.not_activated) {
    auto one = token_json(*token);
    one["since"] = iso_time(since);
    one["days"] = days;
    waiting.push_back(std::move(one));
  }
  for (const auto& holder : report.at_limit) limit.push_back({{"upn", holder.upn}, {"tokens", holder.tokens}});
  for (const auto& one : not_checked)
    left_out.push_back({{"what", one.what}, {"why", one.why}, {"remedy", pasteable(one.remedy)}});
  json::object out{{"tokens", report.tokens},
                   {"active", report.active},
                   {"notActive", report.not_active},
                   {"notActivated", std::move(waiting)},
                   {"ofDeletedUsers", all(report.of_deleted)},
                   {"ofDisabledUsers", all(report.of_disabled)},
                   {"usersAtLimit", std::move(limit)},
                   {"spare", all(report.spare)},
                   {"notChecked", std::move(left_out)}};
  if (!command.users.empty()) out["usersWithoutToken"] = json::value_from(report.without_token);
  print(json_text(out) + "\n");
}

Result<ExitCode> report(Services& services, const ReportCommand& command) {
  auto users = listed_users(command.users);
  if (!users) return pass(users);
  ProgressLine progress(services.clock());
  progress.phase("reading the tenant's tokens");
  auto tenant = services.tokens().list({}, services.deadline(std::chrono::minutes(30)));
  if (!tenant) return pass(tenant);
  std::set<std::string> accounts;
  std::vector<std::string> waiting;
  for (const auto& token : *tenant) {
    if (!token.upn.empty()) accounts.insert(account_of(token.upn));
    if (!token.active && !token.nobodys()) waiting.push_back(token.serial);
  }
  TenantUsers known;
  if (!accounts.empty()) {
    auto looked_up = look_users_up(services, accounts, progress);
    if (!looked_up) return pass(looked_up);
    known = std::move(*looked_up);
  }
  auto store = services.jobs();
  if (!store) return pass(store);
  auto since = (*store)->waiting_since(services.profile().tenant, waiting);
  if (!since) return pass(since);

  TenantReportInput input;
  input.not_activated_for = std::chrono::days(command.days);
  input.now = services.clock().now();
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
  const auto found = report_on(*tenant, input);
  (*command.format == OutputFormat::json ? print_json : print_table)(found, command, known.not_checked);
  return ExitCode::done;
}

}  // namespace

void add_tokens_report(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ReportCommand>();
  const auto command = tokens.subcommand(
      "report", "What to look at: tokens long not activated, spare, or of users who are gone; users without, or with too many");
  command.option("--not-activated-for", options->days, "For how many days at least")
      .shows_default()
      .within(0, 100000)
      .type_name("DAYS");
  command.option("--users", options->users, "Also who of this list of UPNs has no token").type_name("FILE");
  add_output_option(command, options->format, false);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *options->format, [&](Services& services) { return report(services, *options); });
    };
  });
}

}  // namespace portalkey
