#include <fmt/format.h>

#include <algorithm>

#include "app/tenant/services.h"
#include "base/ascii.h"
#include "base/files.h"
#include "base/secret_file.h"
#include "base/secret_text.h"
#include "cli/terminal/command.h"
#include "entra/oauth/secret_flaw.h"

namespace portalkey {
namespace {

struct LoginOptions {
  std::string refresh_token_file;
  bool any_role = false;
  bool browser = false;
};

constexpr std::chrono::minutes kSignInTime{20};
constexpr std::size_t kRefreshTokenLimit = 16 << 10;

Result<Secret> read_bare(const std::string& file) {
  if (file != "-") return read_secret_file(file, kRefreshTokenLimit, "--refresh-token-file");
  auto bytes = read_stdin(kRefreshTokenLimit);
  if (!bytes) return pass(bytes);
  Secret token = bytes->reveal(secret_in_text);
  if (token.empty())
    return fail(Errc::invalid_input, "standard input holds no refresh token", "Pipe the bare token into the command.");
  return token;
}

Result<Secret> read_given_token(const std::string& file) {
  auto token = read_bare(file);
  if (!token) return token;
  const auto flaw = token->reveal(refresh_token_flaw);
  if (flaw.empty()) return token;
  return std::unexpected(
      Error{Errc::invalid_input,
            fmt::format("this is no refresh token: it has {}; no token has line breaks, blanks or quotation marks "
                        "in it",
                        flaw),
            "Give the bare token and nothing else.",
            {{"file", file == "-" ? "standard input" : file}}});
}

Result<Secret> sign_in(Services& services, bool browser) {
  const auto& profile = services.profile();
  const Deadline deadline = services.deadline(kSignInTime);
  const std::string who = profile.service_account.empty() ? "the service account" : profile.service_account;
  if (browser) {
    auto answer = sign_in_with_browser(
        services.endpoint(), profile.client_id, profile.portal_resource, {},
        [&](const std::string& url) { return services.interaction().open_browser(url, services.sign_in_as(who)); },
        services.clock(), deadline);
    if (!answer) return pass(answer);
    if (answer->refresh_token.empty())
      return fail(Errc::internal, "Entra gave no refresh token", "Check the client id in the profile.");
    return std::move(answer->refresh_token);
  }
  auto code = services.endpoint().start_device_code(profile.client_id, profile.portal_resource, deadline);
  if (!code) return pass(code);
  if (auto shown = services.interaction().show_device_code(*code, services.sign_in_as(who)); !shown) return pass(shown);
  auto answer = services.endpoint().await_device_code(*code, profile.client_id, deadline);
  if (!answer) return pass(answer);
  if (answer->refresh_token.empty())
    return fail(Errc::internal, "Entra gave no refresh token", "Check the client id in the profile.");
  return std::move(answer->refresh_token);
}

std::string roles_text(const AccessTokenClaims& claims) {
  std::string out;
  for (const auto role : {kGlobalAdministrator, kPrivilegedAuthenticationAdministrator}) {
    if (std::ranges::find(claims.roles, role) != claims.roles.end()) out += (out.empty() ? "" : ", ") + role_name(role);
  }
  return out;
}

/// Refuses a guest, and an account that cannot manage tokens. The session has judged tenant and account.
Result<void> judge(Services& services, const PortalAccess& access, bool any_role) {
  const auto& claims = access.claims;
  const auto refuse = [&](Errc code, std::string what, std::string remedy) {
    return std::unexpected(Error{code,
                                 std::move(what) + "; nothing was stored",
                                 std::move(remedy),
                                 {{"account", claims.account}, {"tenant", claims.tenant}}});
  };
  if (!claims.delegated) {
    return refuse(Errc::forbidden,
                  "the token is a service principal's, and the portal API takes only a person's or service account's",
                  "Sign in with a user account.");
  }
  if (claims.account.contains("#EXT#")) {
    return refuse(Errc::forbidden, fmt::format("{} is a guest in this tenant", claims.account),
                  "Use an account that belongs to the tenant.");
  }
  if (any_role) return {};
  const std::string remedy =
      "Give the account the role Global Administrator (upload and activate) or Privileged Authentication Administrator "
      "(activate only); "
      "or, if this session is for other parts of the portal API, repeat with --any-role.";
  if (!claims.roles.empty() && roles_text(claims).empty()) {
    return refuse(Errc::forbidden, fmt::format("{} has no role that may manage hardware OATH tokens", claims.account), remedy);
  }
  const auto portal = services.portal_with(access.access_token);
  PortalCall probe;
  probe.path = "/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=";
  auto answer = portal->call(std::move(probe), services.deadline());
  if (!answer && answer.error().code == Errc::forbidden) {
    return refuse(Errc::forbidden, fmt::format("{} may not read the tenant's hardware OATH tokens", claims.account), remedy);
  }
  if (!answer) return pass(answer);
  return {};
}

Result<ExitCode> login(Services& services, const LoginOptions& options) {
  // First whoever may open the vault, so that a vault that cannot be used is known before a person signs in.
  const auto& profile = services.profile();
  // Nor is anybody asked whose new refresh token could not be kept until the vault has it.
  if (auto made = make_private_folder(profile.state_folder); !made) return pass(made);
  if (auto fine = check_writable(profile.state_folder / "session.lock"); !fine && fine.error().code != Errc::not_found)
    return pass(fine);
  if (auto unlocked = services.unlock_vault(); !unlocked) return pass(unlocked);
  auto current = services.store().get(profile.vault.secret_name, services.deadline(kSignInTime));
  const auto unreadable = [](const Error& error) {  // its latest version; a new one is what this command makes
    return std::ranges::any_of(error.context, [](const auto& one) {
      return one.first == "code" && (one.second == "SecretDisabled" || one.second == "SecretExpired");
    });
  };
  if (!current && current.error().code != Errc::not_found && !unreadable(current.error())) return pass(current);
  const std::string identity = services.vault_identity();
  say(fmt::format("Vault: {}{}\n", services.store().place(), identity.empty() ? "" : ", opened by " + identity));

  auto refresh_token =
      options.refresh_token_file.empty() ? sign_in(services, options.browser) : read_given_token(options.refresh_token_file);
  if (!refresh_token) return pass(refresh_token);
  auto access = services.session().adopt(
      *refresh_token, [&](const PortalAccess& proposed) { return judge(services, proposed, options.any_role); },
      services.deadline());
  if (!access) return pass(access);

  const auto& claims = access->claims;
  const std::string roles = roles_text(claims);
  print(harmless(
      fmt::format("Signed in: {}{}\nTenant: {}\n", claims.account, roles.empty() ? "" : " (" + roles + ")", claims.tenant)));
  print("The refresh token was redeemed for the portal API.\n");
  if (access->not_stored) {
    warn("the new refresh token is in the escrow only; the next run stores it");
    return std::unexpected(std::move(*access->not_stored));
  }
  if (current) {
    const auto& tags = current->version.tags;
    const auto before = tags.find("portalkey-account");
    if (before != tags.end() && !same_ignoring_case(before->second, claims.account)) {
      warn(fmt::format("this session belonged to {} before; that refresh token is still in the vault as an earlier version",
                       before->second));
    }
  }
  print(fmt::format("Stored: {} in {}, version {}\n", profile.vault.secret_name, services.store().place(),
                    access->vault_version));
  if (std::ranges::find(claims.methods, "mfa") == claims.methods.end() && !claims.methods.empty()) {
    warn("the sign-in was without multi-factor authentication; a policy that demands it will end this session");
  }
  return ExitCode::done;
}

}  // namespace

void add_login_command(Command app, const Globals& globals, Run& run) {
  auto options = std::make_shared<LoginOptions>();
  const auto command = app.subcommand("login", "Sign the service account in and store its refresh token");
  const auto file = command
                        .option("--refresh-token-file", options->refresh_token_file,
                                "Take a refresh token obtained elsewhere from FILE (- is standard input) instead of a sign-in")
                        .type_name("FILE");
  command
      .flag("--browser", options->browser,
            "Sign in with this machine's web browser instead of a device code, which some policies block")
      .excludes(file);
  command.flag("--any-role", options->any_role, "Also accept an account that may not manage hardware OATH tokens");
  command.callback([options, &globals, &run] {
    run = [options, &globals] {
      return with_services(
          globals, OutputFormat::table, [&](Services& services) { return login(services, *options); },
          TerminalInteraction::Person::expected);
    };
  });
}

}  // namespace portalkey
