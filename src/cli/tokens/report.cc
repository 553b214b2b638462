#include <fmt/format.h>

#include "app/json/token_json.h"
#include "app/operations/report_on_tokens.h"
#include "base/counted.h"
#include "base/time_text.h"
#include "cli/profiles/all_profiles.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/progress_line.h"
#include "cli/terminal/rows.h"
#include "cli/tokens/tokens_command.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {
namespace {

struct ReportCommand {
  int days = 14;
  std::string users;  ///< a file; empty: none
  bool all_profiles = false;
  std::shared_ptr<OutputFormat> format = std::make_shared<OutputFormat>();
};

std::string date(WallTime time) { return iso_time(time).substr(0, 10); }

Rows rows_of(const TenantReport& report) {
  Rows rows({"finding", "serial number", "upn", "detail"});
  for (const auto& [token, since, waited] : report.not_activated)
    rows.add({"not activated", shown(*token).serial, owner_of(*token),
              fmt::format("since {} ({}) or longer", date(since), counted(waited, "day"))});
  for (const auto* token : report.of_deleted) rows.add({"user deleted", shown(*token).serial, owner_of(*token), ""});
  for (const auto* token : report.of_disabled) rows.add({"user disabled", shown(*token).serial, owner_of(*token), ""});
  for (const auto& holder : report.at_limit) rows.add({"user at the limit", "", holder.upn, counted(holder.tokens, "token")});
  for (const auto& upn : report.without_token) rows.add({"user without a token", "", upn, ""});
  for (const auto* token : report.spare) rows.add({"spare", shown(*token).serial, "", shown(*token).model});
  return rows;
}

void print_table(const TokensReport& all, int days) {
  const TenantReport& report = all.found;
  std::string text = rows_of(report).text(OutputFormat::table);
  text +=
      fmt::format("\n{}: {} active, {} not activated ({} of them for {} or longer), {} spare", counted(report.tokens, "token"),
                  report.active, report.not_active, report.not_activated.size(), counted(days, "day"), report.spare.size());
  text += fmt::format("; {} of deleted and {} of disabled users; {} at the limit of {}", report.of_deleted.size(),
                      report.of_disabled.size(), counted(report.at_limit.size(), "user"), kTokensPerUser);
  if (all.asked_for_users)
    text += fmt::format("; {} of the list without a token", counted(report.without_token.size(), "user"));
  text += "\n";
  for (const auto& one : all.not_checked)
    text += fmt::format("Not checked: {}: {}. {}\n", one.what, one.why, pasteable(one.remedy));
  print(text);
}

std::string line_of(const TokensReport& all) {
  const TenantReport& report = all.found;
  return fmt::format("{}: {} active, {} not activated, {} spare; {} of users who are gone or disabled, {} at the limit",
                     counted(report.tokens, "token"), report.active, report.not_active, report.spare.size(),
                     report.of_deleted.size() + report.of_disabled.size(), counted(report.at_limit.size(), "user"));
}

Result<OfOneProfile> report_of_one(Tenant& tenant, const ReportCommand& command) {
  const auto report = report_on_tokens(tenant, {std::chrono::days(command.days), command.users});
  if (!report) return std::unexpected(report.error());
  for (const auto& warning : report->warnings) warn(tenant.profile().name + ": " + warning);
  return OfOneProfile{ExitCode::done, line_of(*report), json_of(*report, pasteable)};
}

Result<ExitCode> report(Tenant& tenant, const ReportCommand& command) {
  const auto report = report_on_tokens(tenant, {std::chrono::days(command.days), command.users});
  if (!report) return std::unexpected(report.error());
  for (const auto& warning : report->warnings) warn(warning);
  if (*command.format == OutputFormat::json) {
    print_json(json_of(*report, pasteable));
  } else if (*command.format == OutputFormat::table) {
    print_table(*report, command.days);
  } else {
    print(rows_of(report->found).text(*command.format));
    for (const auto& one : report->not_checked) warn(fmt::format("not checked: {}: {}. {}", one.what, one.why, one.remedy));
  }
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
  add_all_profiles_option(command, options->all_profiles);
  add_rows_output_option(command, options->format);
  command.callback([=, &globals, &run] {
    if (options->all_profiles && *options->format != OutputFormat::table && *options->format != OutputFormat::json)
      throw WrongUsage("--all-profiles", "goes with -o table or json");
    run = [=, &globals] {
      if (options->all_profiles)
        return with_all_profiles(globals, *options->format, [&](Tenant& one) { return report_of_one(one, *options); });
      return with_tenant(globals, *options->format, [&](Tenant& tenant) { return report(tenant, *options); });
    };
  });
}

}  // namespace portalkey
