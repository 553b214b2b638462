#include "app/operations/session.h"

#include <fmt/format.h>

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

}  // namespace

Result<RefreshedSession> refresh_session(Tenant& tenant) {
  auto access = tenant.session().refresh(tenant.deadline());
  if (!access) return pass(access);
  if (access->not_stored) return std::unexpected(in_escrow_only(std::move(*access->not_stored)));
  return RefreshedSession{access->claims.account,
                          access->claims.tenant,
                          {tenant.store().place(), tenant.profile().vault.secret_name, access->vault_version},
                          access->claims.expires};
}

Result<SessionReport> look_at_session(Tenant& tenant, bool ask_entra) {
  SessionReport report;
  if (ask_entra) report.asked = ask(tenant);
  auto found = tenant.session().status(tenant.deadline());
  if (!found) return report.asked && report.asked->error ? std::unexpected(std::move(*report.asked->error)) : pass(found);
  report.status = std::move(*found);
  report.secret = tenant.profile().vault.secret_name;
  report.now = tenant.clock().now();
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
