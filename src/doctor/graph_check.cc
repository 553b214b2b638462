#include "doctor/graph_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace portalkey {
namespace {

struct Right {
  const char* check;
  const char* permission;                  ///< the least that all of it takes
  std::array<std::string_view, 4> enough;  ///< others that are as good
  std::array<std::string_view, 3> reads;   ///< those that only read
  const char* commands;                    ///< what takes it
  const char* reading;                     ///< what reading alone is good for
};

constexpr Right kRights[] = {
    {"Graph devices",
     "Policy.ReadWrite.AuthenticationMethod",
     {},
     {"Policy.Read.All", "Policy.Read.AuthenticationMethod"},
     "tokens import, assign, unassign, replace, remove and apply",
     "tokens list, plan and report"},
    {"Graph methods",
     "UserAuthenticationMethod.ReadWrite.All",
     {},
     {"UserAuthenticationMethod.Read.All"},
     "tokens import, activate, replace and apply (activation)",
     "finding a serial number that a CSV upload has taken"},
    {"Graph users",
     "User.Read.All",
     {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"},
     {"User.ReadBasic.All"},
     "every command that names a user",
     "finding users, but not whether they are disabled or guests"},
};

}  // namespace

Findings judge_graph_permissions(const AccessTokenClaims& claims) {
  const auto has_one = [&](auto names) {
    return std::ranges::any_of(names, [&](std::string_view name) {
      return !name.empty() && std::ranges::find(claims.permissions, name) != claims.permissions.end();
    });
  };
  Findings findings;
  for (const auto& right : kRights) {
    if (has_one(std::array<std::string_view, 1>{right.permission}) || has_one(right.enough)) {
      findings.push_back({right.check, Outcome::ok, fmt::format("{}: good for {}", right.permission, right.commands), ""});
      continue;
    }
    const bool reads = has_one(right.reads);
    findings.push_back(
        {right.check, reads ? Outcome::warning : Outcome::failure,
         fmt::format("the access token lacks {}: {}{} will be refused", right.permission,
                     reads ? fmt::format("good only for {}; ", right.reading) : "", right.commands),
         claims.delegated
             ? fmt::format("Consent to the delegated permission {} for the app that signed in; a user also needs a "
                           "directory role. Unattended runs need an app registration of your own.",
                           right.permission)
             : fmt::format("Entra admin centre, App registrations, API permissions: add Microsoft Graph, "
                           "application permission {}, and grant admin consent. Tokens issued before it do not "
                           "have it.",
                           right.permission)});
  }
  return findings;
}

}  // namespace portalkey
