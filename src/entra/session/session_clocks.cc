#include "entra/session/session_clocks.h"

#include <fmt/format.h>

#include <algorithm>

namespace portalkey {
namespace {

using std::chrono::days;

std::string days_text(days count) { return fmt::format("{} {}", count.count(), count.count() == 1 ? "day" : "days"); }

std::string flow_text(const std::string& flow) {
  if (flow == kByCode) return "by web browser";
  if (flow == kByDeviceCode) return "by device code";
  if (flow == kGiven) return "a refresh token obtained elsewhere";
  if (flow == kAdopted) return "a refresh token that another tool had stored";
  return {};
}

/// Where the limit comes from.
std::string source_of(const MfaAge& age) {
  if (!age.learnt) return "the profile says";
  return fmt::format("learnt: a session was refused at {}{}", days_text(age.learnt->refused),
                     age.learnt->worked.count() > 0 ? ", and last taken at " + days_text(age.learnt->worked) : "");
}

}  // namespace

SessionClocks clocks_of(const SessionStatus& status, std::optional<days> told, WallTime now) {
  SessionClocks clocks;
  clocks.idle_left = status.days_left;
  clocks.sign_in = status.sign_in;
  if (told) {
    clocks.mfa_age = MfaAge{*told, std::nullopt};
  } else if (status.learnt_mfa_age) {
    clocks.mfa_age = MfaAge{status.learnt_mfa_age->limit(), status.learnt_mfa_age};
  }
  if (!status.sign_in.at) return clocks;
  clocks.since_sign_in = std::max(days(0), std::chrono::floor<days>(now - *status.sign_in.at));
  if (clocks.mfa_age) {
    const auto left = std::chrono::ceil<days>(*status.sign_in.at + clocks.mfa_age->limit - now);
    clocks.mfa_left = std::clamp(left, days(0), clocks.mfa_age->limit);
  }
  return clocks;
}

std::vector<SessionWarning> warnings_of(const SessionClocks& clocks, days notice) {
  std::vector<SessionWarning> all;
  if (const auto left = clocks.idle_left; left && *left < std::max(notice, days(14))) {
    all.push_back({"idle",
                   left->count() == 0
                       ? "the refresh token was not used for 90 days and has probably ended"
                       : fmt::format("a refresh token that is not used for 90 days ends: {} left", days_text(*left)),
                   left->count() == 0 ? "[[sign-in]]" : "schedule [[refresh-session]] weekly", left});
  }
  if (const auto left = clocks.mfa_left; left && *left <= std::min(notice, clocks.mfa_age->limit / 2)) {
    all.push_back({"mfa-age",
                   fmt::format("{} since the interactive sign-in, and the tenant wants MFA afresh after {} ({}): {}",
                               days_text(*clocks.since_sign_in), days_text(clocks.mfa_age->limit), source_of(*clocks.mfa_age),
                               left->count() == 0 ? std::string("the session ends any day now") : days_text(*left) + " left"),
                   "sign the service account in again, with MFA: [[sign-in]]", left});
  }
  if (clocks.sign_in.flow == kByDeviceCode) {
    all.push_back({"device-code", "the session came by device code: it ends on the day a policy blocks that flow",
                   "sign in again by web browser: [[sign-in]]", std::nullopt});
  }
  return all;
}

std::string sign_in_text(const SessionClocks& clocks) {
  std::string out = clocks.since_sign_in ? days_text(*clocks.since_sign_in) + " ago" : "not recorded";
  if (const auto flow = flow_text(clocks.sign_in.flow); !flow.empty()) out += ", " + flow;
  if (clocks.sign_in.flow == kByDeviceCode) out += " (ends when a policy blocks that flow)";
  std::string methods;
  for (const auto& method : clocks.sign_in.methods) methods += " " + method;
  return methods.empty() ? out : out + ", with" + methods;
}

std::string mfa_age_text(const SessionClocks& clocks) {
  if (!clocks.mfa_age) {
    return "unknown: the profile has no mfa_max_age_days, and no session was refused for its age yet (30 days is a value to "
           "begin "
           "with)";
  }
  const std::string limit = fmt::format("{} ({})", days_text(clocks.mfa_age->limit), source_of(*clocks.mfa_age));
  if (!clocks.mfa_left) return limit + "; how much is left is not known, as the sign-in is not recorded";
  return fmt::format("{} left of {}", days_text(*clocks.mfa_left), limit);
}

}  // namespace portalkey
