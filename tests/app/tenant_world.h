#pragma once
// A tenant on scripted answers: a vault file that holds a session, and no network.

#include <gtest/gtest.h>

#include <deque>

#include "app/tenant/tenant.h"
#include "tests/app/somebody.h"
#include "tests/entra/jwt.h"
#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey {

inline constexpr const char* kTestTenant = "11111111-2222-3333-4444-555555555555";

class TenantWorld {
 public:
  Profile profile(const std::string& name = "default") const {
    Profile profile;
    profile.name = name;
    profile.tenant = kTestTenant;
    profile.cloud = *find_cloud("global");
    profile.portal_resource = profile.cloud.portal_resource;
    profile.state_folder = folder / ("state-" + name);
    profile.common_folder = folder / "common";
    profile.vault.path = folder / (name + ".vault");
    return profile;
  }
  Surroundings surroundings(Http* other = nullptr) {
    return {person,
            environment_of({{"PORTALKEY_PASSPHRASE", "five words taken at random"}}),
            {},
            other == nullptr ? &http : other,
            &clock};
  }
  static Deadline soon(const Clock& clock) { return Deadline::in(std::chrono::minutes(1), clock); }
  /// Somebody has signed in.
  void sign_in(Tenant& tenant) { ASSERT_TRUE(tenant.store().put("RefreshToken", Secret("RT0"), {}, soon(clock))); }

  /// Entra takes the refresh token that is redeemed next; the access token has these claims.
  void grant(const std::string& claims =
                 R"({"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x"})") {
    http.answer(200, R"({"access_token":")" + unsigned_jwt(claims) + R"(","refresh_token":"RT1","expires_in":4000})");
  }

  TemporaryFolder folder;
  Somebody person;
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  ScriptedHttp http;
};

}  // namespace portalkey
