#include "entra/credentials/credential.h"

#include <fmt/format.h>

#include <fstream>

#include "base/random.h"
#include "entra/credentials/app_credentials.h"
#include "entra/credentials/azure_cli_credential.h"
#include "entra/credentials/managed_identity.h"
#include "entra/credentials/person_credential.h"
#include "entra/session/session_credential.h"
#include "tests/entra/credentials/credential_contract.h"
#include "tests/entra/made_certificate.h"
#include "tests/entra/session/session_world.h"

namespace portalkey::credential_test {
namespace {

using namespace std::chrono_literals;

/// What credentials on the login's or another's HTTP have in common.
struct OnHttp {
  static constexpr bool kMovesTheClock = false;
  static constexpr std::chrono::seconds kLifetime = 1h;
  ManualClock& clock() { return clock_; }
  std::string grant() {
    const auto token = fmt::format("AT{}", ++granted_);
    http_.answer(200, fmt::format(R"({{"token_type":"Bearer","expires_in":3600,"access_token":"{}"}})", token));
    return token;
  }
  void fail_in_passing() { http_.answer(503, ""); }
  int asked() const { return static_cast<int>(http_.sent.size()); }

  TokenEndpoint endpoint() { return {http_, *find_cloud("global"), "contoso.com", clock_, random_}; }
  ManualClock clock_{from_unix_seconds(1'767'225'600)};
  Random random_{1};
  ScriptedHttp http_;
  int granted_ = 0;
};

struct BySecret : OnHttp {
  Credential& credential() { return *made; }
  std::unique_ptr<Credential> made =
      make_client_secret_credential({endpoint(), "app-id"}, [] { return Result<Secret>(Secret("s3cret")); }, clock_);
};

struct ByCertificate : OnHttp {
  Credential& credential() { return *made; }
  static MadeCertificate& certificate() {
    static MadeCertificate one{MadeCertificate::rsa_key()};  // making one takes a good part of a second
    return one;
  }
  std::unique_ptr<Credential> made = make_client_certificate_credential(
      {endpoint(), "app-id"}, [] { return Result<Secret>(Secret(certificate().certificate_pem() + certificate().key_pem())); },
      [] { return Result<Secret>(Secret()); }, clock_, random_);
};

struct ByWorkload : OnHttp {
  ByWorkload() { std::ofstream(folder / "token") << "s3cret"; }
  Credential& credential() { return *made; }
  TemporaryFolder folder;
  std::unique_ptr<Credential> made = make_workload_identity_credential({endpoint(), "app-id"}, folder / "token", clock_);
};

struct ByMachine : OnHttp {
  static Environment nothing_set() {
    return {[](const char*) { return std::string(); }, [](const char*) { return Secret(); }};
  }
  static constexpr bool kMovesTheClock = true;  // the metadata service is asked again where it was not there
  Credential& credential() { return *made; }
  std::string grant() {
    const auto token = fmt::format("AT{}", ++granted_);
    http_.answer(200,
                 fmt::format(R"({{"access_token":"{}","expires_in":"3600","resource":"r","token_type":"Bearer"}})", token));
    return token;
  }
  void fail_in_passing() {
    for (int attempt = 0; attempt < 5; ++attempt) http_.answer(503, "");  // it waits and asks again before it gives up
  }
  std::unique_ptr<Credential> made = make_managed_identity_credential(http_, find_managed_identity(nothing_set()), "", clock_);
};

struct ByAzureCli {
  static constexpr bool kMovesTheClock = false;
  static constexpr std::chrono::seconds kLifetime = 1h;
  ManualClock& clock() { return clock_; }
  Credential& credential() { return *made; }
  std::string grant() {
    next = fmt::format("AT{}", ++granted);
    return next;
  }
  void fail_in_passing() { next.clear(); }
  int asked() const { return ran; }

  ManualClock clock_{from_unix_seconds(1'767'225'600)};
  std::string next;
  int granted = 0, ran = 0;
  std::unique_ptr<Credential> made = make_azure_cli_credential(
      [this](const std::vector<std::string>&, const ProgramLimits&, std::stop_token) -> Result<ProgramRun> {
        ++ran;
        if (next.empty()) return fail(Errc::unavailable, "az did not answer");
        const auto said = fmt::format(R"({{"accessToken":"{}","expires_on":{},"tokenType":"Bearer"}})", next,
                                      unix_seconds(clock_.now() + kLifetime));
        return ProgramRun{0, Secret(said), {}};
      },
      "contoso.com", clock_);
};

struct ByPerson : OnHttp {
  static constexpr bool kMovesTheClock = true;
  Credential& credential() { return *made; }
  std::string grant() {
    if (granted_ == 0) {
      http_.answer(200, R"({"user_code":"ABCD","device_code":"D","verification_uri":"https://microsoft.com/devicelogin",)"
                        R"("expires_in":900,"interval":5})");
    }
    const auto token = fmt::format("AT{}", ++granted_);
    http_.answer(200, fmt::format(R"({{"access_token":"{}","refresh_token":"RT","expires_in":3600}})", token));
    return token;
  }
  int asked() const { return std::max(0, OnHttp::asked() - 1); }  // the sign-in is begun once
  std::unique_ptr<Credential> made =
      make_device_code_credential(endpoint(), "client", [](const DeviceCode&) { return Result<void>(); }, clock_);
};

struct BySession {
  static constexpr bool kMovesTheClock = false;
  static constexpr std::chrono::seconds kLifetime{4000};
  BySession() { world.store.stored = {"RT0"}; }
  ManualClock& clock() { return world.clock; }
  Credential& credential() { return made; }
  std::string grant() {
    ++granted;
    const auto claims = fmt::format(
        R"({{"upn":"svc@contoso.com","oid":"0001","tid":"11111111-2222-3333-4444-555555555555","scp":"x","n":{}}})", granted);
    world.grant(fmt::format("RT{}", granted), claims);
    return unsigned_jwt(claims);
  }
  void fail_in_passing() { world.http.answer(503, ""); }
  int asked() const { return static_cast<int>(world.http.sent.size()); }

  SessionWorld world;
  int granted = 0;
  SessionCredential made{world.session, [](const Error&) {}, world.clock};
};

using Kinds = testing::Types<BySecret, ByCertificate, ByWorkload, ByMachine, ByAzureCli, ByPerson, BySession>;
INSTANTIATE_TYPED_TEST_SUITE_P(Each, CredentialContract, Kinds);

}  // namespace
}  // namespace portalkey::credential_test
