#include <fmt/format.h>

#include "app/operations/sign_in.h"
#include "base/files.h"
#include "base/secret_file.h"
#include "base/secret_text.h"
#include "cli/terminal/command.h"

namespace portalkey {
namespace {

struct LoginOptions {
  std::string refresh_token_file;
  bool adopt = false;
  bool browser = false;  // what it does without being told
  SignInOptions sign_in;
};

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
  if (auto fine = check_refresh_token(*token); !fine)
    return std::unexpected(std::move(fine).error().with("file", file == "-" ? "standard input" : file));
  return token;
}

constexpr const char* kDeviceCodeCosts =
    "tenants made since July 2026 block the device code flow, as do Microsoft's managed policies, and a session that began by "
    "it "
    "ends on the day a policy blocks it; without --device-code the sign-in is by web browser, here or on another machine";

Result<SignedIn> sign_in_or_take(Tenant& tenant, const SignInPlace& place, const LoginOptions& options) {
  if (options.adopt) return adopt_stored(tenant, place, options.sign_in.any_role);
  if (options.refresh_token_file.empty()) return sign_in(tenant, place, options.sign_in);
  auto token = read_given_token(options.refresh_token_file);
  if (!token) return pass(token);
  return sign_in_with(tenant, place, *token, options.sign_in.any_role);
}

Result<ExitCode> login(Tenant& tenant, const LoginOptions& options) {
  const auto place = prepare_sign_in(tenant);
  if (!place) return std::unexpected(place.error());
  say(fmt::format("Vault: {}{}\n", place->vault, place->opened_by.empty() ? "" : ", opened by " + place->opened_by));
  if (options.sign_in.device_code) warn(kDeviceCodeCosts);
  auto done = sign_in_or_take(tenant, *place, options);
  if (!done) return pass(done);
  print(harmless(fmt::format("Signed in: {}{}\nTenant: {}\n", done->account,
                             done->roles.empty() ? "" : " (" + done->roles + ")", done->tenant)));
  print("The refresh token was redeemed for the portal API.\n");
  if (done->not_stored) {
    warn("the new refresh token is in the escrow only; the next run stores it");
    return std::unexpected(std::move(*done->not_stored));
  }
  if (!done->previous_account.empty()) {
    warn(fmt::format("this session belonged to {} before; that refresh token is still in the vault as an earlier version",
                     done->previous_account));
  }
  print(fmt::format("Stored: {} in {}, version {}\n", tenant.profile().vault.secret_name, place->vault, done->vault_version));
  if (done->without_mfa)
    warn("the sign-in was without multi-factor authentication; a policy that demands it will end this session");
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
  const auto device_code = command
                               .flag("--device-code", options->sign_in.device_code,
                                     "Sign in by device code instead of a web browser: many tenants block that, and a session "
                                     "that begins by it ends once a policy does")
                               .excludes(file);
  const auto browser = command.flag("--browser", options->browser, "Sign in with a web browser; so it is without this, too")
                           .excludes(file)
                           .excludes(device_code);
  command
      .flag("--adopt", options->adopt,
            "Take over the refresh token that another tool has stored in the vault; nobody has to sign in")
      .excludes(file)
      .excludes(device_code)
      .excludes(browser);
  command.flag("--any-role", options->sign_in.any_role, "Also accept an account that may not manage hardware OATH tokens");
  command.callback([options, &globals, &run] {
    run = [options, &globals] {
      return with_tenant(
          globals, OutputFormat::table, [&](Tenant& tenant) { return login(tenant, *options); },
          TerminalInteraction::Person::expected);
    };
  });
}

}  // namespace portalkey
