#include "entra/credentials/app_credentials.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/random.h"
#include "base/secret_text.h"
#include "base/time_text.h"
#include "entra/credentials/cached_credential.h"
#include "entra/credentials/credential_error.h"
#include "entra/oauth/aadsts.h"
#include "entra/oauth/claims.h"
#include "entra/oauth/client_assertion.h"
#include "http/header_text.h"

namespace portalkey {
namespace {

class ClientSecretCredential final : public CachedCredential {
 public:
  ClientSecretCredential(AppIdentity app, SecretSource secret, Clock& clock)
      : CachedCredential(clock), app_(std::move(app)), secret_(std::move(secret)) {}
  std::string description() const override { return fmt::format("service principal {}", app_.client_id); }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    auto secret = secret_();
    if (!secret) return pass(secret);
    auto answer = app_.endpoint.client_secret(app_.client_id, *secret, resource, deadline, claims_parameter(claims));
    if (answer) return answer;
    return std::unexpected(explain_for(CredentialType::client_secret, app_.client_id, {}, std::move(answer).error()));
  }

  AppIdentity app_;
  SecretSource secret_;
};

class ClientCertificateCredential final : public CachedCredential {
 public:
  ClientCertificateCredential(AppIdentity app, SecretSource certificate, SecretSource password, Clock& clock, Random& random)
      : CachedCredential(clock),
        app_(std::move(app)),
        certificate_(std::move(certificate)),
        password_(std::move(password)),
        random_(random) {}
  std::string description() const override { return fmt::format("service principal {} (certificate)", app_.client_id); }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    auto certificate = read();
    if (!certificate) return pass(certificate);
    auto answer = ask(*certificate, algorithm_, resource, claims, deadline);
    if (!answer && algorithm_ == SignatureAlgorithm::ps256) {
      const auto code = find_aadsts(answer.error().what);
      if (code == 700027 || code == 50027) {  // an unknown certificate, or an authority that does not know PS256
        auto older = ask(*certificate, SignatureAlgorithm::rs256, resource, claims, deadline);
        if (older) algorithm_ = SignatureAlgorithm::rs256;
        answer = std::move(older);
      }
    }
    if (answer) return answer;
    return std::unexpected(
        explain_for(CredentialType::client_certificate, app_.client_id, certificate->thumbprint(), std::move(answer).error()));
  }

  Result<ClientCertificate> read() {
    auto bytes = certificate_();
    if (!bytes) return pass(bytes);
    auto password = password_();
    if (!password) return pass(password);
    auto certificate = ClientCertificate::parse(*bytes, *password);
    if (!certificate) return certificate;
    const auto refuse = [&](std::string what, std::string remedy) {
      return std::unexpected(Error{Errc::unauthenticated,
                                   std::move(what),
                                   std::move(remedy),
                                   {{"credential", "client_certificate"}, {"thumbprint", certificate->thumbprint()}}});
    };
    if (certificate->ends() <= clock_.now()) {
      return refuse(
          fmt::format("the client certificate expired at {}", iso_time(certificate->ends())),
          fmt::format("Make a new one, upload it (az ad app credential reset --id {} --cert @CERTIFICATE.pem --append) "
                      "and name its file in the profile.",
                      app_.client_id));
    }
    if (certificate->begins() > clock_.now() + std::chrono::minutes(5)) {
      return refuse(fmt::format("the client certificate is not valid before {}", iso_time(certificate->begins())),
                    "Check this machine's clock.");
    }
    return certificate;
  }

  Result<TokenAnswer> ask(const ClientCertificate& certificate, SignatureAlgorithm algorithm, const std::string& resource,
                          const std::string& claims, const Deadline& deadline) {
    const Secret assertion =
        client_assertion(certificate, algorithm, app_.client_id, app_.endpoint.url("token"), random_.guid(), clock_.now());
    return app_.endpoint.client_assertion(app_.client_id, assertion, resource, deadline, claims_parameter(claims));
  }

  AppIdentity app_;
  SecretSource certificate_, password_;
  Random& random_;
  SignatureAlgorithm algorithm_ = SignatureAlgorithm::ps256;
};

class WorkloadIdentityCredential final : public CachedCredential {
 public:
  WorkloadIdentityCredential(AppIdentity app, std::filesystem::path token_file, Clock& clock)
      : CachedCredential(clock), app_(std::move(app)), token_file_(std::move(token_file)) {}
  std::string description() const override { return fmt::format("service principal {} (workload identity)", app_.client_id); }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    auto read = read_file(token_file_, 64 << 10, FileUse::trusted);  // the platform decides who may read it
    if (!read) {
      return std::unexpected(
          Error{read.error().code == Errc::not_found ? Errc::unauthenticated : read.error().code,
                fmt::format("the workload identity's token cannot be read ({})", read.error().what),
                "Check credential.federated_token_file (or AZURE_FEDERATED_TOKEN_FILE) and that the platform "
                "writes the token there.",
                {{"file", token_file_.string()}}});
    }
    const Secret token = read->reveal(secret_in_text);
    if (token.empty()) {
      return std::unexpected(Error{Errc::unauthenticated,
                                   "the workload identity's token file is empty",
                                   "Check that the platform writes the token there.",
                                   {{"file", token_file_.string()}}});
    }
    if (!token.reveal(is_access_token)) {
      return std::unexpected(Error{Errc::unauthenticated,
                                   "what is in the workload identity's token file is no token: it has characters that none has",
                                   "Check that the platform writes the bare token there, and nothing else.",
                                   {{"file", token_file_.string()}}});
    }
    auto answer = app_.endpoint.client_assertion(app_.client_id, token, resource, deadline, claims_parameter(claims));
    if (answer) return answer;
    return std::unexpected(
        explain_for(CredentialType::workload_identity, app_.client_id, token_file_.string(), std::move(answer).error()));
  }

  AppIdentity app_;
  std::filesystem::path token_file_;
};

}  // namespace

std::unique_ptr<Credential> make_client_secret_credential(AppIdentity app, SecretSource secret, Clock& clock) {
  return std::make_unique<ClientSecretCredential>(std::move(app), std::move(secret), clock);
}

std::unique_ptr<Credential> make_client_certificate_credential(AppIdentity app, SecretSource certificate, SecretSource password,
                                                               Clock& clock, Random& random) {
  return std::make_unique<ClientCertificateCredential>(std::move(app), std::move(certificate), std::move(password), clock,
                                                       random);
}

std::unique_ptr<Credential> make_workload_identity_credential(AppIdentity app, std::filesystem::path token_file, Clock& clock) {
  return std::make_unique<WorkloadIdentityCredential>(std::move(app), std::move(token_file), clock);
}

}  // namespace portalkey
