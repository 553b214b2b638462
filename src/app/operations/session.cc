#include "app/operations/session.h"

#include <fmt/format.h>

#include "app/operations/alert.h"
#include "base/ascii.h"
#include "base/time_text.h"
#include "entra/oauth/aadsts.h"

namespace portalkey {
namespace {

Error in_escrow_only(Error not_stored) {
  return std::move(not_stored).with("escrow", "the new refresh token is safe there; the next run stores it");
}

EntraAnswer ask(Tenant& tenant) {
  auto access = tenant.session().refresh(tenant.deadline());
  if (!access) {
    const Error& error = access.error();
    const bool passing = error.code == Errc::unavailable || error.code == Errc::throttled;
    const bool entra_said_no = !passing && find_aadsts(error.what) != 0;
    return {entra_said_no ? "refused" : "unknown", error.what, std::move(access).error()};
  }
  if (access->not_stored) {
    return {"accepted", "took the refresh token; its successor is in the escrow only, the next run stores it",
            in_escrow_only(std::move(*access->not_stored))};
  }
  return {"accepted",
          fmt::format("took the refresh token; its successor is stored (access token good until {})",
                      iso_time(access->claims.expires)),
          std::nullopt};
}

bool passes_by_itself(const Error& error) {
  return error.code == Errc::unavailable || error.code == Errc::throttled || error.code == Errc::cancelled ||
         error.code == Errc::invalid_input;
}

/// The idle days are those that were left before this run: it has wound that clock up.
std::vector<SessionWarning> warnings_after(const PortalAccess& access, Tenant& tenant) {
  const auto& profile = tenant.profile();
  const auto now = tenant.clock().now();
  SessionStatus status;
  status.sign_in = access.sign_in;
  status.learnt_mfa_age = learnt_mfa_age(profile.state_folder);
  if (access.renewed_before) {
    const auto left = std::chrono::ceil<std::chrono::days>(*access.renewed_before + kRefreshTokenIdleLimit - now);
    status.days_left = std::max(left, std::chrono::days(0));
  }
  auto warnings = warnings_of(clocks_of(status, profile.mfa_age, now), profile.alert.notice);
  for (auto& warning : warnings) {
    if (warning.cause != "idle") continue;
    warning.what = fmt::format("the session was renewed with {} of {} idle days left: it runs too seldom",
                               warning.days_left->count(), kRefreshTokenIdleLimit.count());
    warning.remedy = "schedule [[refresh-session]] weekly";
  }
  return warnings;
}

/// Those that a person must see to: a session that began by device code ends nobody knows when.
std::vector<Alert> alerts_of(const std::vector<SessionWarning>& warnings, const SignInRecord& sign_in) {
  std::vector<Alert> alerts;
  for (const auto& warning : warnings) {
    if (warning.cause != "mfa-age") continue;
    alerts.push_back(
        {warning.cause, sign_in.at ? iso_time(*sign_in.at) : std::string(), warning.what, warning.remedy, warning.days_left});
  }
  return alerts;
}

}  // namespace

Result<RefreshedSession> refresh_session(Tenant& tenant, const Words& words) {
  auto access = tenant.session().refresh(tenant.deadline());
  if (!access) {
    const Error& error = access.error();
    if (!passes_by_itself(error)) {
      const char* const cause = error.code == Errc::needs_person ? "sign-in-needed" : "refused";
      alert(tenant, tenant.profile().service_account, {{cause, error.what, error.what, error.remedy, std::nullopt}}, words);
    }
    return pass(access);
  }
  auto warnings = warnings_after(*access, tenant);
  alert(tenant, access->claims.account, alerts_of(warnings, access->sign_in), words);
  if (access->not_stored) return std::unexpected(in_escrow_only(std::move(*access->not_stored)));
  return RefreshedSession{access->claims.account,
                          access->claims.tenant,
                          {tenant.store().place(), tenant.profile().vault.secret_name, access->vault_version},
                          access->claims.expires,
                          std::move(warnings)};
}

SessionHealth session_health(Tenant& tenant, std::chrono::seconds max_age) {
  constexpr std::chrono::seconds kPatience{30};  // whoever monitors waits
  const auto found = tenant.session().status(tenant.deadline(kPatience));
  if (!found) {
    const Error& error = found.error();
    const bool person = error.code == Errc::needs_person;
    return {person ? Health::needs_person : Health::unknown, {}, error.what, std::nullopt};
  }
  const auto now = tenant.clock().now();
  const auto renewed = found->rotated.value_or(found->stored);
  const auto age = std::chrono::floor<std::chrono::seconds>(now - renewed);
  const auto clocks = clocks_of(*found, tenant.profile().mfa_age, now);
  const auto judged = [&](Health health, std::string what) {
    return SessionHealth{health, found->account, std::move(what), renewed};
  };
  const std::string renewed_ago = fmt::format("{} {} ago", found->rotated ? "renewed" : "stored", about(age));
  if (clocks.idle_left && clocks.idle_left->count() == 0)
    return judged(Health::needs_person, renewed_ago + ": a refresh token that is not used for 90 days ends");
  if (clocks.mfa_left && clocks.mfa_left->count() == 0)
    return judged(Health::needs_person,
                  fmt::format("{}, but the sign-in is {} days old, and the tenant wants MFA afresh after {}", renewed_ago,
                              clocks.since_sign_in->count(), clocks.mfa_age->limit.count()));
  const auto& expected = tenant.profile().service_account;
  if (!expected.empty() && !found->account.empty() && !same_ignoring_case(expected, found->account))
    return judged(Health::needs_person,
                  fmt::format("the session is {}'s, but the profile's service account is {}", found->account, expected));
  if (age > max_age) return judged(Health::needs_attention, fmt::format("{}, longer than {}", renewed_ago, about(max_age)));
  if (found->in_escrow)
    return judged(Health::needs_attention, renewed_ago + ", and a newer refresh token waits in the escrow for the vault");
  std::string what = renewed_ago;
  if (clocks.idle_left)
    what += fmt::format(", {} of {} idle days left", clocks.idle_left->count(), kRefreshTokenIdleLimit.count());
  if (clocks.mfa_left)
    what += fmt::format(", {} of {} days of MFA left", clocks.mfa_left->count(), clocks.mfa_age->limit.count());
  return judged(Health::good, std::move(what));
}

Result<SessionReport> look_at_session(Tenant& tenant, bool ask_entra) {
  SessionReport report;
  if (ask_entra) report.asked = ask(tenant);
  auto found = tenant.session().status(tenant.deadline());
  if (!found) return report.asked && report.asked->error ? std::unexpected(std::move(*report.asked->error)) : pass(found);
  report.status = std::move(*found);
  report.secret = tenant.profile().vault.secret_name;
  report.now = tenant.clock().now();
  report.clocks = clocks_of(report.status, tenant.profile().mfa_age, report.now);
  report.warnings = warnings_of(report.clocks, tenant.profile().alert.notice);
  const auto& expected = tenant.profile().service_account;
  const auto& account = report.status.account;
  if (!expected.empty() && !account.empty() && !same_ignoring_case(expected, account)) report.expected_account = expected;
  return report;
}

Result<Secret> session_access_token(Tenant& tenant) {
  auto access = tenant.session().refresh(tenant.deadline());
  if (!access) return pass(access);
  if (access->not_stored) {
    tenant.interaction().warn(
        "the vault did not take the new refresh token; it is safe in the escrow, and the next run stores it");
  }
  return std::move(access->access_token);
}

}  // namespace portalkey
