#include "app/json/session_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/time_text.h"

namespace portalkey {

namespace json = boost::json;

std::string json_of(const RefreshedSession& session) {
  return json_text(json::object{{"account", session.account},
                                {"tenant", session.tenant},
                                {"vault", session.stored.vault},
                                {"secret", session.stored.secret},
                                {"version", session.stored.version},
                                {"accessTokenExpires", iso_time(session.access_token_expires)}});
}

std::string json_of(const SessionReport& report) {
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
  if (report.asked) out["check"] = json::object{{"outcome", report.asked->outcome}, {"what", report.asked->what}};
  return json_text(out);
}

}  // namespace portalkey
