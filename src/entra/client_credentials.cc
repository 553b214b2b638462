#include "entra/client_credentials.h"

#include <fmt/format.h>

#include "entra/cached_credential.h"

namespace portalkey {
namespace {

class ClientSecretCredential final : public CachedCredential {
 public:
  ClientSecretCredential(TokenEndpoint& endpoint, std::string client_id, std::function<Result<Secret>()> secret, Clock& clock)
      : CachedCredential(clock), endpoint_(endpoint), client_id_(std::move(client_id)), secret_(std::move(secret)) {}
  std::string description() const override { return fmt::format("service principal {}", client_id_); }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string&, const Deadline& deadline) override {
    auto secret = secret_();
    if (!secret) return pass(secret);
    return endpoint_.client_secret(client_id_, *secret, resource, deadline);
  }

  TokenEndpoint& endpoint_;
  std::string client_id_;
  std::function<Result<Secret>()> secret_;
};

class DeviceCodeCredential final : public CachedCredential {
 public:
  DeviceCodeCredential(TokenEndpoint& endpoint, std::string client_id, std::function<void(const DeviceCode&)> announce,
                       Clock& clock)
      : CachedCredential(clock), endpoint_(endpoint), client_id_(std::move(client_id)), announce_(std::move(announce)) {}
  std::string description() const override { return "a person, by device code"; }

 private:
  Result<TokenAnswer> fetch(const std::string& resource, const std::string&, const Deadline& deadline) override {
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
