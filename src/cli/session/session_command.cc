#include <fmt/format.h>

#include "app/json/session_json.h"
#include "app/operations/session.h"
#include "base/time_text.h"
#include "cli/profiles/all_profiles.h"
#include "cli/session/session_health.h"
#include "cli/session/session_reset.h"
#include "cli/terminal/command.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/references.h"
#include "cli/terminal/secret_output.h"

namespace portalkey {
namespace {

Result<ExitCode> refresh(Tenant& tenant, OutputFormat format) {
  const auto session = refresh_session(tenant, in_commands);
  if (!session) return std::unexpected(session.error());
  for (const auto& one : session->warnings) warn(fmt::format("{}: {}", one.what, one.remedy));
  if (format == OutputFormat::json) {
    print_json(json_of(*session, in_commands));
  } else {
    print(fmt::format("Refreshed: {} (access token good until {})\nStored: {} in {}, version {}\n", session->account,
                      iso_time(session->access_token_expires), session->stored.secret, session->stored.vault,
                      session->stored.version));
  }
  return ExitCode::done;
}

/// One of many: in a line.
Result<OfOneProfile> refresh_one(Tenant& tenant) {
  const auto session = refresh_session(tenant, in_commands);
  if (!session) return std::unexpected(session.error());
  std::string line = fmt::format("refreshed: {}, version {}", session->account, session->stored.version);
  for (const auto& one : session->warnings) line += "; warning: " + one.what;
  return OfOneProfile{ExitCode::done, std::move(line), json_of(*session, in_commands)};
}

std::string table_of(const SessionReport& report) {
  const SessionStatus& found = report.status;
  const auto ago = [&](WallTime then) {
    return fmt::format("{} ({} ago)", iso_time(then), about(std::chrono::floor<std::chrono::seconds>(report.now - then)));
  };
  Table table({"account", found.account.empty()
                              ? pasteable("not recorded (stored by another tool); run portalkey session refresh")
                              : found.account});
  table.add({"vault", found.place});
  table.add({"secret", fmt::format("{}, version {}", report.secret, found.vault_version)});
  table.add({"last rotation", found.rotated ? ago(*found.rotated)
                                            : fmt::format("not recorded (this version was stored at {})", ago(found.stored))});
  table.add({"idle days left", found.days_left
                                   ? fmt::format("{} of {}", found.days_left->count(), kRefreshTokenIdleLimit.count())
                                   : pasteable("unknown: portalkey session status --check asks Entra")});
  table.add({"signed in", sign_in_text(report.clocks)});
  table.add({"MFA age", mfa_age_text(report.clocks)});
  table.add({"escrow", found.in_escrow ? "holds a newer refresh token; the next run stores it" : "empty"});
  if (const auto& asked = report.asked)  // one line of what Entra said; the error with its remedy follows
    table.add({"Entra", asked->error && asked->outcome != "accepted" ? asked->outcome + ": " + asked->what : asked->what});
  return table.text();
}

Result<ExitCode> status(Tenant& tenant, OutputFormat format, bool check) {
  auto report = look_at_session(tenant, check);
  if (!report) return pass(report);
  format == OutputFormat::json ? print_json(json_of(*report, in_commands)) : print(table_of(*report));
  const SessionStatus& found = report->status;
  if (!report->expected_account.empty()) {
    warn(fmt::format("this session is {}'s, but the profile's service account is {}: portalkey login", found.account,
                     report->expected_account));
  }
  if (report->asked && report->asked->error) return std::unexpected(std::move(*report->asked->error));
  for (const auto& one : report->warnings) warn(fmt::format("{}: {}", one.what, one.remedy));
  return ExitCode::done;
}

Result<ExitCode> access_token(Tenant& tenant) {
  const auto access = session_access_token(tenant);
  if (!access) return std::unexpected(access.error());
  access->reveal([](std::string_view token) { print(token); });
  print("\n");
  return ExitCode::done;
}

}  // namespace

void add_session_command(Command app, const Globals& globals, Run& run) {
  const auto group = app.subcommand("session", "Keep the service account's session alive");
  group.require_subcommand();

  auto format = std::make_shared<OutputFormat>();
  auto all = std::make_shared<bool>(false);
  const auto renew = group.subcommand("refresh", "Redeem the refresh token and store its successor (schedule this weekly)");
  add_output_option(renew, format, false);
  add_all_profiles_option(renew, *all);
  renew.callback([&run, &globals, format, all] {
    run = [&globals, format, all] {
      if (*all) return with_all_profiles(globals, *format, refresh_one);
      return with_tenant(globals, *format, [&](Tenant& tenant) { return refresh(tenant, *format); });
    };
  });

  auto status_format = std::make_shared<OutputFormat>();
  auto check = std::make_shared<bool>(false);
  const auto show =
      group.subcommand("status", "Account, age, idle days left, vault version; without --check it redeems nothing");
  add_output_option(show, status_format, false);
  show.flag("--check", *check, "Ask Entra: redeem the refresh token, store its successor, and say what Entra answered");
  show.callback([&run, &globals, status_format, check] {
    run = [&globals, status_format, check] {
      return with_tenant(globals, *status_format, [&](Tenant& tenant) { return status(tenant, *status_format, *check); });
    };
  });

  add_session_health(group, globals, run);

  auto yes = std::make_shared<bool>(false);
  const auto reset = group.subcommand(
      "reset", "Set aside the sealed files that the passphrase given now does not open: when the earlier one is lost");
  reset.flag("-y,--yes", *yes, "Do not ask (needed where there is no terminal)");
  reset.callback([&run, &globals, yes] {
    if (!*yes && !stderr_is_terminal()) throw WrongUsage("session reset", "there is no terminal to ask on: add --yes");
    run = [&globals, yes] {
      return with_tenant(globals, OutputFormat::table, [&](Tenant& tenant) { return reset_session(tenant, *yes); });
    };
  });

  auto reveal = std::make_shared<bool>(false);
  const auto token = group.subcommand("access-token", "Print an access token for the portal API, for scripts");
  token.flag("--reveal", *reveal, "Print it even on a terminal");
  token.callback([&run, &globals, reveal] {
    run = [&globals, reveal] {
      const bool terminal = stdout_is_terminal();
      const std::string why = terminal && *reveal ? std::string() : why_no_secrets_to_standard_output();
      if (!why.empty()) {
        report_error(
            {Errc::invalid_input,
             terminal ? "an access token is a secret and is not shown on a terminal"
                      : "an access token is a secret, and standard output is " + why,
             terminal ? "Pipe the output, or add --reveal." : "Pipe the output, or use umask 077 before > makes the file.",
             {}},
            OutputFormat::table);
        return static_cast<int>(ExitCode::usage);
      }
      return with_tenant(globals, OutputFormat::table, [](Tenant& tenant) { return access_token(tenant); });
    };
  });
}

}  // namespace portalkey
