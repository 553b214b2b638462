#include "entra/credential.h"

#include <fmt/format.h>

#include <map>

namespace portalkey {
namespace {

/// Keeps what `fetch` brings until a little before its end.
class Cached : public Credential {
 public:
  explicit Cached(Clock& clock) : clock_(clock) {}

  Result<Secret> access_token(const std::string& resource, const Deadline& deadline) final {
    auto& entry = tokens_[resource];
    if (entry.token.empty() || clock_.steady_now() >= entry.renew_at) {
      auto answer = fetch(resource, deadline);
      if (!answer) return pass(answer);
      entry.token = std::move(answer->access_token);
      entry.renew_at = clock_.steady_now() + answer->lifetime - renewal_margin(answer->lifetime);
    }
    return entry.token.clone();
  }

 private:
  virtual Result<TokenAnswer> fetch(const std::string& resource, const Deadline& deadline) = 0;

  struct Entry {
    Secret token;
    SteadyTime renew_at;
  };
  Clock& clock_;
  std::map<std::string, Entry> tokens_;
};

class ClientSecretCredential final : public Cached {
 public:
  ClientSecretCredential(TokenEndpoint& endpoint, std::string client_id, std::function<Result<Secret>()> secret, Clock& clock)
      : Cached(clock), endpoint_(endpoint), client_id_(std::move(client_id)), secret_(std::move(secret)) {}
  std::string description() const override { return fmt::format("service principal {}", client_id_); }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const Deadline& deadline) override {
    auto secret = secret_();
    if (!secret) return pass(secret);
    return endpoint_.client_secret(client_id_, *secret, resource, deadline);
  }

  TokenEndpoint& endpoint_;
  std::string client_id_;
  std::function<Result<Secret>()> secret_;
};

class DeviceCodeCredential final : public Cached {
 public:
  DeviceCodeCredential(TokenEndpoint& endpoint, std::string client_id, std::function<void(const DeviceCode&)> announce,
                       Clock& clock)
      : Cached(clock), endpoint_(endpoint), client_id_(std::move(client_id)), announce_(std::move(announce)) {}
  std::string description() const override { return "a person, by device code"; }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const Deadline& deadline) override {
    auto code = endpoint_.start_device_code(client_id_, resource, deadline);
    if (!code) return pass(code);
    announce_(*code);
    return endpoint_.await_device_code(*code, client_id_, deadline);
  }

  TokenEndpoint& endpoint_;
  std::string client_id_;
  std::function<void(const DeviceCode&)> announce_;
};

}  // namespace

std::unique_ptr<Credential> make_client_secret_credential(TokenEndpoint& endpoint, std::string client_id,
                                                          std::function<Result<Secret>()> secret, Clock& clock) {
  return std::make_unique<ClientSecretCredential>(endpoint, std::move(client_id), std::move(secret), clock);
}

std::unique_ptr<Credential> make_device_code_credential(TokenEndpoint& endpoint, std::string client_id,
                                                        std::function<void(const DeviceCode&)> announce, Clock& clock) {
  return std::make_unique<DeviceCodeCredential>(endpoint, std::move(client_id), std::move(announce), clock);
}

}  // namespace portalkey
