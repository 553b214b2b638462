#include "app/json/session_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/time_text.h"

namespace portalkey {

namespace json = boost::json;

namespace {

json::array warnings_json(const std::vector<SessionWarning>& warnings, const Words& words) {
  json::array all;
  for (const auto& warning : warnings) {
    json::object one{
        {"cause", warning.cause}, {"what", warning.what}, {"remedy", words(warning.remedy)}, {"daysLeft", nullptr}};
    if (warning.days_left) one["daysLeft"] = warning.days_left->count();
    all.push_back(std::move(one));
  }
  return all;
}

void add_clocks(json::object& out, const SessionClocks& clocks) {
  const auto days = [](const auto& count) { return count ? json::value(count->count()) : json::value(nullptr); };
  out["signedIn"] = clocks.sign_in.at ? json::value(iso_time(*clocks.sign_in.at)) : json::value(nullptr);
  out["signInFlow"] = clocks.sign_in.flow.empty() ? json::value(nullptr) : json::value(clocks.sign_in.flow);
  out["methods"] = json::value_from(clocks.sign_in.methods);
  out["daysSinceSignIn"] = days(clocks.since_sign_in);
  out["mfaAgeDays"] = clocks.mfa_age ? json::value(clocks.mfa_age->limit.count()) : json::value(nullptr);
  out["mfaAgeSource"] = !clocks.mfa_age ? json::value(nullptr) : json::value(clocks.mfa_age->learnt ? "learnt" : "profile");
  out["mfaDaysLeft"] = days(clocks.mfa_left);
}

const char* name_of(Health health) {
  switch (health) {
    case Health::good: return "good";
    case Health::needs_attention: return "needsAttention";
    case Health::needs_person: return "needsPerson";
    case Health::unknown: break;
  }
  return "unknown";
}

}  // namespace

std::string json_of(const SessionHealth& health) {
  return json_text(json::object{{"health", name_of(health.health)},
                                {"account", health.account},
                                {"what", health.what},
                                {"renewed", health.renewed ? json::value(iso_time(*health.renewed)) : json::value(nullptr)}});
}

std::string json_of(const RefreshedSession& session, const Words& words) {
  return json_text(json::object{{"account", session.account},
                                {"tenant", session.tenant},
                                {"vault", session.stored.vault},
                                {"secret", session.stored.secret},
                                {"version", session.stored.version},
                                {"accessTokenExpires", iso_time(session.access_token_expires)},
                                {"warnings", warnings_json(session.warnings, words)}});
}

std::string json_of(const SessionReport& report, const Words& words) {
  const SessionStatus& found = report.status;
  json::object out{{"account", found.account},
                   {"vault", found.place},
                   {"secret", report.secret},
                   {"version", found.vault_version},
                   {"stored", iso_time(found.stored)},
                   {"lastRotation", nullptr},
                   {"ageSeconds", nullptr},
                   {"idleDaysLeft", nullptr},
                   {"inEscrow", found.in_escrow}};
  if (found.rotated) {
    out["lastRotation"] = iso_time(*found.rotated);
    out["ageSeconds"] = std::chrono::floor<std::chrono::seconds>(report.now - *found.rotated).count();
  }
  if (found.days_left) out["idleDaysLeft"] = found.days_left->count();
  add_clocks(out, report.clocks);
  out["warnings"] = warnings_json(report.warnings, words);
  if (report.asked) out["check"] = json::object{{"outcome", report.asked->outcome}, {"what", report.asked->what}};
  return json_text(out);
}

}  // namespace portalkey
