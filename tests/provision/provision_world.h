#pragma once
// An administrator whose requests are answered from a script, on virtual time.

#include "azure/azure.h"
#include "entra/oauth/cloud.h"
#include "tests/scripted_http.h"

namespace portalkey {

class FixedCredential final : public Credential {
 public:
  Result<Secret> access_token(const std::string& resource, const Deadline&) override {
    asked.push_back(resource);
    if (!failures.empty()) {
      auto error = failures.front();
      failures.erase(failures.begin());
      return std::unexpected(error);
    }
    return Secret("TOKEN for " + resource);
  }
  Result<Secret> answer_challenge(const std::string&, const Secret&, const std::string&, const Deadline&) override {
    return fail(Errc::needs_person, "no challenge was expected");
  }
  std::string description() const override { return "the test"; }

  std::vector<std::string> asked;
  std::vector<Error> failures;  ///< answered first
};

struct ProvisionWorld {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  ScriptedHttp http;
  FixedCredential admin;
  Azure azure{http, admin, clock, *find_cloud("global"), Deadline::in(std::chrono::minutes(30), clock)};
};

}  // namespace portalkey
