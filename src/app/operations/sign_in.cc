#include "app/operations/sign_in.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/files.h"
#include "base/secret_text.h"
#include "entra/oauth/secret_flaw.h"

namespace portalkey {
namespace {

constexpr std::chrono::minutes kSignInTime{20};

Result<TokenAnswer> answer_to(Tenant& tenant, bool device_code, const Deadline& deadline) {
  const auto& profile = tenant.profile();
  const std::string who = profile.service_account.empty() ? "the service account" : profile.service_account;
  if (!device_code) {
    return sign_in_with_browser(
        tenant.endpoint(), profile.client_id, profile.portal_resource, {},
        [&](const SignInPage& page) { return tenant.interaction().open_browser(page, tenant.sign_in_as(who)); }, tenant.clock(),
        deadline);
  }
  auto code = tenant.endpoint().start_device_code(profile.client_id, profile.portal_resource, deadline);
  if (!code) return pass(code);
  if (auto shown = tenant.interaction().show_device_code(*code, tenant.sign_in_as(who)); !shown) return pass(shown);
  return tenant.endpoint().await_device_code(*code, profile.client_id, deadline);
}

Result<Secret> ask_to_sign_in(Tenant& tenant, bool device_code) {
  auto answer = answer_to(tenant, device_code, tenant.deadline(kSignInTime));
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
Result<void> judge(Tenant& tenant, const PortalAccess& access, bool any_role) {
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
      "or, if this session is for other parts of the portal API, repeat with [[setting|any-role]].";
  if (!claims.roles.empty() && roles_text(claims).empty()) {
    return refuse(Errc::forbidden, fmt::format("{} has no role that may manage hardware OATH tokens", claims.account), remedy);
  }
  const auto portal = tenant.portal_with(access.access_token);
  PortalCall probe;
  probe.path = "/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=";
  auto answer = portal->call(std::move(probe), tenant.deadline());
  if (!answer && answer.error().code == Errc::forbidden) {
    return refuse(Errc::forbidden, fmt::format("{} may not read the tenant's hardware OATH tokens", claims.account), remedy);
  }
  if (!answer) return pass(answer);
  return {};
}

Result<SignedIn> adopt(Tenant& tenant, const SignInPlace& place, const Secret& refresh_token, SignInRecord how, bool any_role) {
  auto access = tenant.session().adopt(
      refresh_token, std::move(how), [&](const PortalAccess& proposed) { return judge(tenant, proposed, any_role); },
      tenant.deadline());
  if (!access) return pass(access);
  const auto& claims = access->claims;
  SignedIn out;
  out.account = claims.account;
  out.tenant = claims.tenant;
  out.roles = roles_text(claims);
  out.vault_version = access->vault_version;
  if (!place.previous_account.empty() && !same_ignoring_case(place.previous_account, claims.account))
    out.previous_account = place.previous_account;
  out.without_mfa = !claims.methods.empty() && std::ranges::find(claims.methods, "mfa") == claims.methods.end();
  out.not_stored = std::move(access->not_stored);
  return out;
}

/// Its latest version; a new one is what a sign-in makes.
bool unreadable(const Error& error) {
  return std::ranges::any_of(error.context, [](const auto& one) {
    return one.first == "code" && (one.second == "SecretDisabled" || one.second == "SecretExpired");
  });
}

}  // namespace

Result<SignInPlace> prepare_sign_in(Tenant& tenant) {
  const auto& profile = tenant.profile();
  // Nobody is asked whose new refresh token could not be kept until the vault has it.
  if (auto made = make_private_folder(profile.state_folder); !made) return pass(made);
  if (auto fine = check_writable(profile.state_folder / "session.lock"); !fine && fine.error().code != Errc::not_found)
    return pass(fine);
  if (auto unlocked = tenant.unlock_vault(); !unlocked) return pass(unlocked);
  auto current = tenant.store().get(profile.vault.secret_name, tenant.deadline(kSignInTime));
  if (!current && current.error().code != Errc::not_found && !unreadable(current.error())) return pass(current);
  SignInPlace place{tenant.store().place(), tenant.vault_identity(), {}};
  if (current) {
    const auto& tags = current->version.tags;
    if (const auto before = tags.find("portalkey-account"); before != tags.end()) place.previous_account = before->second;
  }
  return place;
}

Result<void> check_refresh_token(const Secret& refresh_token) {
  const auto flaw = refresh_token.reveal(refresh_token_flaw);
  if (flaw.empty()) return {};
  return fail(
      Errc::invalid_input,
      fmt::format("this is no refresh token: it has {}; no token has line breaks, blanks or quotation marks in it", flaw),
      "Give the bare token and nothing else.");
}

Result<SignedIn> sign_in(Tenant& tenant, const SignInPlace& place, const SignInOptions& options) {
  auto refresh_token = ask_to_sign_in(tenant, options.device_code);
  if (!refresh_token) return pass(refresh_token);
  const std::string flow(options.device_code ? kByDeviceCode : kByCode);
  return adopt(tenant, place, *refresh_token, {tenant.clock().now(), flow, {}}, options.any_role);
}

Result<SignedIn> adopt_stored(Tenant& tenant, const SignInPlace& place, bool any_role) {
  auto stored = tenant.store().get(tenant.profile().vault.secret_name, tenant.deadline());
  if (!stored) {
    if (stored.error().code == Errc::not_found) stored.error().code = Errc::needs_person;
    return pass(stored);
  }
  const Secret token =
      stored->value.reveal(secret_in_text);  // what was put there by hand has line breaks, quotes, a byte order mark
  if (auto fine = check_refresh_token(token); !fine) return pass(fine);
  auto how = sign_in_in(stored->version.tags, tenant.clock().now());
  if (how.flow.empty()) how = {std::nullopt, std::string(kAdopted), {}};
  return adopt(tenant, place, token, std::move(how), any_role);
}

Result<SignedIn> sign_in_with(Tenant& tenant, const SignInPlace& place, const Secret& refresh_token, bool any_role) {
  if (auto fine = check_refresh_token(refresh_token); !fine) return pass(fine);
  return adopt(tenant, place, refresh_token, {std::nullopt, std::string(kGiven), {}}, any_role);
}

}  // namespace portalkey
