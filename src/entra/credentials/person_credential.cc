#include "entra/credentials/person_credential.h"

#include "base/ascii.h"
#include "base/log.h"
#include "entra/credentials/cached_credential.h"
#include "entra/credentials/credential_error.h"
#include "entra/oauth/claims.h"
#include "entra/oauth/session_account.h"

namespace portalkey {
namespace {

class PersonCredential : public CachedCredential {
 protected:
  PersonCredential(CredentialType type, TokenEndpoint endpoint, std::string client_id, Clock& clock)
      : CachedCredential(clock), endpoint_(std::move(endpoint)), client_id_(std::move(client_id)), type_(type) {}

  TokenEndpoint endpoint_;
  std::string client_id_;

 private:
  virtual Result<TokenAnswer> sign_in(const std::string& resource, const std::string& claims, const Deadline& deadline) = 0;

  Result<TokenAnswer> fetch(const std::string& resource, const std::string& challenge, const Deadline& deadline) final {
    const std::string claims = claims_parameter(challenge);
    Result<TokenAnswer> answer = fail(Errc::needs_person, "nobody has signed in yet");
    if (!refresh_token_.empty()) answer = endpoint_.redeem(refresh_token_, client_id_, resource, deadline, claims);
    if (answer && !is_the_same_person(*answer)) {
      return fail(Errc::forbidden,
                  "Entra answered with the tokens of another account than the one that signed in; they are not used",
                  "Start over.");
    }
    if (!answer && answer.error().code == Errc::needs_person) {
      if (!challenge.empty() && !who_.empty()) {
        log(LogLevel::warning,
            "the service demands more than the sign-in so far, multi-factor authentication most likely: a new sign-in is "
            "needed");
      }
      answer = sign_in(resource, claims, deadline);
      if (answer) who_ = id_of(*answer);
    }
    if (!answer) return std::unexpected(explain_for(type_, client_id_, {}, std::move(answer).error()));
    if (!answer->refresh_token.empty()) refresh_token_ = std::move(answer->refresh_token);
    return answer;
  }

  /// Object id and tenant; empty where the tokens do not say them.
  static std::string id_of(const TokenAnswer& answer) {
    const auto claims = whose(answer);
    return claims && !claims->object_id.empty() ? lower(claims->object_id + "@" + claims->tenant) : std::string();
  }
  bool is_the_same_person(const TokenAnswer& answer) const { return who_.empty() || id_of(answer) == who_; }

  CredentialType type_;
  std::string who_;  ///< signed in; empty: nobody, or not known
  Secret refresh_token_;
};

class DeviceCodeCredential final : public PersonCredential {
 public:
  DeviceCodeCredential(TokenEndpoint endpoint, std::string client_id, AnnounceDeviceCode announce, Clock& clock)
      : PersonCredential(CredentialType::device_code, std::move(endpoint), std::move(client_id), clock),
        announce_(std::move(announce)) {}
  std::string description() const override { return "a person, by device code"; }

 private:
  Result<TokenAnswer> sign_in(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    auto code = endpoint_.start_device_code(client_id_, resource, deadline, claims);
    if (!code) return pass(code);
    if (auto shown = announce_(*code); !shown) return pass(shown);
    return endpoint_.await_device_code(*code, client_id_, deadline, claims);
  }

  AnnounceDeviceCode announce_;
};

class BrowserCredential final : public PersonCredential {
 public:
  BrowserCredential(TokenEndpoint endpoint, std::string client_id, OpenBrowser open, Clock& clock)
      : PersonCredential(CredentialType::browser, std::move(endpoint), std::move(client_id), clock), open_(std::move(open)) {}
  std::string description() const override { return "a person, with a web browser"; }

 private:
  Result<TokenAnswer> sign_in(const std::string& resource, const std::string& claims, const Deadline& deadline) override {
    return sign_in_with_browser(endpoint_, client_id_, resource, claims, open_, clock_, deadline);
  }

  OpenBrowser open_;
};

}  // namespace

std::unique_ptr<Credential> make_device_code_credential(TokenEndpoint endpoint, std::string client_id,
                                                        AnnounceDeviceCode announce, Clock& clock) {
  return std::make_unique<DeviceCodeCredential>(std::move(endpoint), std::move(client_id), std::move(announce), clock);
}

std::unique_ptr<Credential> make_browser_credential(TokenEndpoint endpoint, std::string client_id, OpenBrowser open,
                                                    Clock& clock) {
  return std::make_unique<BrowserCredential>(std::move(endpoint), std::move(client_id), std::move(open), clock);
}

}  // namespace portalkey
