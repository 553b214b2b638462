#include <fmt/format.h>

#include <boost/json.hpp>

#include "app/tenant/services.h"
#include "base/ascii.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/session/session_reset.h"
#include "cli/terminal/command.h"
#include "cli/terminal/global_options.h"
#include "cli/terminal/secret_output.h"
#include "entra/oauth/aadsts.h"

namespace portalkey {
namespace {

void warn_of_another_account(Services& services, const std::string& account) {
  const auto& expected = services.profile().service_account;
  if (expected.empty() || account.empty() || same_ignoring_case(expected, account)) return;
  warn(fmt::format("this session is {}'s, but the profile's service account is {}: portalkey login", account, expected));
}

Result<ExitCode> refresh(Services& services, OutputFormat format) {
  auto access = services.session().refresh(services.deadline());
  if (!access) return pass(access);
  const auto expires = iso_time(access->claims.expires);
  if (access->not_stored) {
    return std::unexpected(
        std::move(*access->not_stored).with("escrow", "the new refresh token is safe there; the next run stores it"));
  }
  if (format == OutputFormat::json) {
    print(json_text(boost::json::object{{"account", access->claims.account},
                                        {"tenant", access->claims.tenant},
                                        {"vault", services.store().place()},
                                        {"secret", services.profile().vault.secret_name},
                                        {"version", access->vault_version},
                                        {"accessTokenExpires", expires}}) +
          "\n");
  } else {
    print(fmt::format("Refreshed: {} (access token good until {})\nStored: {} in {}, version {}\n", access->claims.account,
                      expires, services.profile().vault.secret_name, services.store().place(), access->vault_version));
  }
  return ExitCode::done;
}

/// What Entra said to the refresh token: nothing is known of that without asking.
struct Asked {
  std::string outcome;  ///< `accepted`, `refused`, or `unknown`: it was not asked, or did not answer
  std::string what;
  std::optional<Error> error;
};

Asked ask_entra(Services& services) {
  auto access = services.session().refresh(services.deadline());
  if (!access) {
    const Error& error = access.error();
    const bool passing = error.code == Errc::unavailable || error.code == Errc::throttled;
    const bool entra_said_no = !passing && find_aadsts(error.what) != 0;
    // The table has one line of it; the error with its remedy follows.
    return {entra_said_no ? "refused" : "unknown", error.what, std::move(access).error()};
  }
  if (access->not_stored) {
    return {"accepted", "took the refresh token; its successor is in the escrow only, the next run stores it",
            std::move(*access->not_stored).with("escrow", "the new refresh token is safe there; the next run stores it")};
  }
  return {"accepted",
          fmt::format("took the refresh token; its successor is stored (access token good until {})",
                      iso_time(access->claims.expires)),
          std::nullopt};
}

boost::json::object status_json(const SessionStatus& found, const std::string& secret, WallTime now) {
  boost::json::object out{
      {"account", found.account},         {"vault", found.place},    {"secret", secret},      {"version", found.vault_version},
      {"stored", iso_time(found.stored)}, {"lastRotation", nullptr}, {"ageSeconds", nullptr}, {"idleDaysLeft", nullptr},
      {"inEscrow", found.in_escrow}};
  if (found.rotated) {
    out["lastRotation"] = iso_time(*found.rotated);
    out["ageSeconds"] = std::chrono::floor<std::chrono::seconds>(now - *found.rotated).count();
  }
  if (found.days_left) out["idleDaysLeft"] = found.days_left->count();
  return out;
}

Result<ExitCode> status(Services& services, OutputFormat format, bool check) {
  std::optional<Asked> asked;
  if (check) asked = ask_entra(services);
  auto found = services.session().status(services.deadline());
  if (!found) return asked && asked->error ? std::unexpected(std::move(*asked->error)) : pass(found);
  const auto now = services.clock().now();
  const auto ago = [&](WallTime then) {
    return fmt::format("{} ({} ago)", iso_time(then), about(std::chrono::floor<std::chrono::seconds>(now - then)));
  };
  if (format == OutputFormat::json) {
    auto out = status_json(*found, services.profile().vault.secret_name, now);
    if (asked) out["check"] = boost::json::object{{"outcome", asked->outcome}, {"what", asked->what}};
    print(json_text(out) + "\n");
  } else {
    Table table({"account", found->account.empty()
                                ? pasteable("not recorded (stored by another tool); run portalkey session refresh")
                                : found->account});
    table.add({"vault", found->place});
    table.add({"secret", fmt::format("{}, version {}", services.profile().vault.secret_name, found->vault_version)});
    if (found->rotated) {
      table.add({"last rotation", ago(*found->rotated)});
    } else {
      table.add({"last rotation", fmt::format("not recorded (this version was stored at {})", ago(found->stored))});
    }
    table.add({"idle days left", found->days_left
                                     ? fmt::format("{} of {}", found->days_left->count(), kRefreshTokenIdleLimit.count())
                                     : pasteable("unknown: portalkey session status --check asks Entra")});
    table.add({"escrow", found->in_escrow ? "holds a newer refresh token; the next run stores it" : "empty"});
    if (asked)
      table.add({"Entra", asked->error && asked->outcome != "accepted" ? asked->outcome + ": " + asked->what : asked->what});
    print(table.text());
  }
  warn_of_another_account(services, found->account);
  if (asked && asked->error) return std::unexpected(std::move(*asked->error));
  if (found->days_left && found->days_left->count() == 0) {
    warn("the refresh token was not used for 90 days and has probably ended: portalkey login");
  } else if (found->days_left && found->days_left->count() < 14) {
    warn("schedule portalkey session refresh: a refresh token that is not used for 90 days ends");
  }
  return ExitCode::done;
}

Result<ExitCode> access_token(Services& services) {
  auto access = services.session().refresh(services.deadline());
  if (!access) return pass(access);
  if (access->not_stored)
    warn("the vault did not take the new refresh token; it is safe in the escrow, and the next run stores it");
  access->access_token.reveal([](std::string_view token) { print(token); });
  print("\n");
  return ExitCode::done;
}

}  // namespace

void add_session_command(Command app, const Globals& globals, Run& run) {
  const auto group = app.subcommand("session", "Keep the service account's session alive");
  group.require_subcommand();

  auto format = std::make_shared<OutputFormat>();
  const auto renew = group.subcommand("refresh", "Redeem the refresh token and store its successor (schedule this weekly)");
  add_output_option(renew, format, false);
  renew.callback([&run, &globals, format] {
    run = [&globals, format] {
      return with_services(globals, *format, [&](Services& services) { return refresh(services, *format); });
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
      return with_services(globals, *status_format,
                           [&](Services& services) { return status(services, *status_format, *check); });
    };
  });

  auto yes = std::make_shared<bool>(false);
  const auto reset = group.subcommand(
      "reset", "Set aside the sealed files that the passphrase given now does not open: when the earlier one is lost");
  reset.flag("-y,--yes", *yes, "Do not ask (needed where there is no terminal)");
  reset.callback([&run, &globals, yes] {
    if (!*yes && !stderr_is_terminal()) throw WrongUsage("session reset", "there is no terminal to ask on: add --yes");
    run = [&globals, yes] {
      return with_services(globals, OutputFormat::table, [&](Services& services) { return reset_session(services, *yes); });
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
      return with_services(globals, OutputFormat::table, [](Services& services) { return access_token(services); });
    };
  });
}

}  // namespace portalkey
