#include "entra/credentials/azure_cli_credential.h"

#include <fmt/format.h>

#include <ctime>

#include "base/ascii.h"
#include "entra/credentials/cached_credential.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/expiry_text.h"
#include "entra/oauth/json_answer.h"
#include "http/header_text.h"

namespace portalkey {
namespace {

/// az is a Python program that may have to renew its own token first.
constexpr ProgramLimits kLimits{.time = std::chrono::seconds(60), .output_bytes = 256 << 10};

/// `expires_on` (Unix) since az 2.54; before only `expiresOn`, in local time without an offset.
std::chrono::seconds lifetime_of(const boost::json::object& answer, WallTime now) {
  if (answer.if_contains("expires_on") == nullptr) {
    std::tm parts{};
    const std::string text = text_member(answer, "expiresOn");
    if (::strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts) != nullptr) {
      parts.tm_isdst = -1;
      boost::json::object known{{"expires_on", static_cast<std::int64_t>(std::mktime(&parts))}};
      return token_lifetime(known, now);
    }
  }
  return token_lifetime(answer, now);
}

class AzureCli final : public CachedCredential {
 public:
  AzureCli(ProgramRunner run, std::string tenant, Clock& clock)
      : CachedCredential(clock), run_(std::move(run)), tenant_(std::move(tenant)) {}

  std::string description() const override { return "whoever is signed in at the az CLI"; }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    if (!claims.empty()) {  // az keeps its own cache and would give the same token again
      return fail(Errc::needs_person, "the service demands a fresh sign-in, and az cannot be asked for one",
                  fmt::format("Sign in at az again: az logout, then {}", az_login()));
    }
    std::vector<std::string> command{"az", "account", "get-access-token", "--resource", resource, "--output", "json"};
    if (names_a_tenant()) command.insert(command.end(), {"--tenant", tenant_});
    ProgramLimits limits = kLimits;
    limits.time =
        std::min(limits.time, std::chrono::duration_cast<std::chrono::milliseconds>(deadline.at - clock_.steady_now()));
    auto run = run_(command, limits, deadline.stop);
    if (!run && run.error().code == Errc::not_found) {
      return fail(Errc::not_found, "the az CLI is not installed, or not on PATH",
                  "Install azure-cli, or choose another credential.");
    }
    if (!run) return pass(run);
    if (run->exit_code != 0) return std::unexpected(refusal(*run));
    auto object = json_answer(run->output);
    TokenAnswer answer;
    if (object) answer.access_token = secret_member(*object, "accessToken");
    if (!answer.access_token.reveal(is_access_token)) {
      return fail(Errc::unavailable, "az gave no access token, or one with characters that no token has",
                  "Look at: az account get-access-token --query expiresOn");
    }
    answer.lifetime = lifetime_of(*object, clock_.now());
    return answer;
  }

  Error refusal(const ProgramRun& run) const {
    const std::string said = lower(run.complaints);
    Error error;
    if (const auto code = find_aadsts(run.complaints); code != 0) {
      error = aadsts_error(code, "invalid_grant");
      error.remedy = fmt::format("Sign in at az again: {}", az_login());
    } else if (said.contains("az login") || said.contains("az account set") || said.contains("no subscription")) {
      error = {Errc::needs_person, "nobody is signed in at the az CLI", fmt::format("Sign in: {}", az_login()), {}};
    } else if (run.exit_code == 127) {
      error = {Errc::not_found, "the az CLI cannot be started", "Install azure-cli anew, or choose another credential.", {}};
    } else {
      error = {Errc::unavailable,
               fmt::format("az gave no access token (exit code {})", run.exit_code),
               "Run it by hand to see why: az account get-access-token --query expiresOn",
               {}};
    }
    error.context.emplace_back("credential", "azure_cli");
    return error;
  }

  bool names_a_tenant() const { return !tenant_.empty() && tenant_ != "organizations"; }
  std::string az_login() const { return !names_a_tenant() ? "az login" : fmt::format("az login --tenant {}", tenant_); }

  ProgramRunner run_;
  std::string tenant_;
};

}  // namespace

std::unique_ptr<Credential> make_azure_cli_credential(ProgramRunner run, std::string tenant, Clock& clock) {
  return std::make_unique<AzureCli>(std::move(run), std::move(tenant), clock);
}

}  // namespace portalkey
