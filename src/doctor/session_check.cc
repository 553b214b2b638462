#include "doctor/session_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

constexpr std::chrono::days kFewDays{14}, kOverdue{15};

}  // namespace

Findings judge_session(const SessionStatus& status, const std::string& expected_account, WallTime now) {
  Findings findings;
  const auto age = std::chrono::floor<std::chrono::seconds>(now - status.rotated.value_or(status.stored));
  const std::string asked = "whether Entra still takes it is known only by redeeming it ([[setting|redeem]])";
  const std::string what =
      fmt::format("renewed {} ago; {} of {} idle days left; {}", about(age),
                  status.days_left.value_or(std::chrono::days(0)).count(), kRefreshTokenIdleLimit.count(), asked);
  if (!status.days_left) {
    findings.push_back(
        {"refresh token", Outcome::warning,
         fmt::format("stored {} ago; when it was last redeemed is not recorded, so that the idle days left are not "
                     "known; {}",
                     about(age), asked),
         "[[refresh-session]] redeems it and records that"});
  } else if (status.days_left->count() == 0) {
    findings.push_back({"refresh token", Outcome::failure,
                        fmt::format("was not renewed for {}: unless another tool redeemed it since, it has ended", about(age)),
                        "[[sign-in]]"});
  } else if (*status.days_left < kFewDays) {
    findings.push_back({"refresh token", Outcome::warning, what, "[[refresh-session]]"});
  } else {
    findings.push_back({"refresh token", Outcome::ok, what, ""});
  }

  if (status.account.empty()) {
    findings.push_back(
        {"account", Outcome::warning, "not recorded: another tool stored the refresh token", "[[refresh-session]] records it"});
  } else if (!expected_account.empty() && !same_ignoring_case(status.account, expected_account)) {
    findings.push_back(
        {"account", Outcome::failure,
         fmt::format("the session is {}'s, but the profile's service account is {}", status.account, expected_account),
         "[[sign-in]]"});
  } else {
    findings.push_back({"account", Outcome::ok, status.account, ""});
  }

  if (age > kOverdue) {
    findings.push_back(
        {"schedule", Outcome::warning,
         fmt::format("{} for {}", status.rotated ? "the session was not renewed" : "no newer refresh token was stored",
                     about(age)),
         "Schedule [[refresh-session]] weekly, for instance in cron: 0 6 * * 1 [[refresh-session]]"});
  } else {
    findings.push_back({"schedule", Outcome::ok,
                        fmt::format("last {} {} ago; weekly is enough", status.rotated ? "renewed" : "stored", about(age)),
                        ""});
  }
  return findings;
}

Findings judge_sign_in(const SessionClocks& clocks, std::chrono::days notice) {
  Finding sign_in{"sign-in", Outcome::ok, sign_in_text(clocks), ""};
  Finding age{"MFA age", Outcome::ok, mfa_age_text(clocks), ""};
  for (const auto& warning : warnings_of(clocks, notice)) {
    if (warning.cause != "device-code" && warning.cause != "mfa-age") continue;
    auto& about = warning.cause == "device-code" ? sign_in : age;
    about.outcome = Outcome::warning;
    about.what = warning.what;
    about.remedy = warning.remedy;
  }
  return {sign_in, age};
}

Finding judge_roles(const std::string& roles, const std::string& recorded) {
  if (roles.empty()) {
    return {"role", Outcome::not_checked, "not checked because no role was recorded with the refresh token",
            "[[examine-and-redeem]] reads it from an access token"};
  }
  const std::string what = fmt::format("{} ({})", roles, recorded);
  if (roles.find(role_name(kGlobalAdministrator)) != std::string::npos) return {"role", Outcome::ok, what, ""};
  constexpr const char* kAssign =
      "Assign Global Administrator to the service account (imports need it), then [[refresh-session]]";
  if (roles.find(role_name(kPrivilegedAuthenticationAdministrator)) != std::string::npos) {
    return {"role", Outcome::warning, what + ": enough to activate and remove tokens, not to import them", kAssign};
  }
  return {"role", Outcome::failure, what + ": not enough for the portal API", kAssign};
}

Finding judge_versions(const std::vector<SecretVersion>& versions) {
  const auto enabled = std::ranges::count_if(versions, &SecretVersion::enabled);
  std::string what = fmt::format("{} of {} versions are enabled", enabled, versions.size());
  if (versions.size() > 500) {
    return {"vault versions", Outcome::warning, std::move(what),
            "Key Vault cannot back up a secret of more than 500 versions; another secret_name in the profile begins anew."};
  }
  return {"vault versions", Outcome::ok, std::move(what), ""};
}

}  // namespace portalkey
