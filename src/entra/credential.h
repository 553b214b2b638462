#pragma once

#include <functional>
#include <memory>
#include <string>

#include "entra/token_endpoint.h"

namespace portalkey {

/// Something that can prove who calls: a service principal or a person. Gives access tokens for a resource, keeps them in
/// memory and renews them five minutes before they end.
class Credential {
 public:
  virtual ~Credential() = default;
  virtual Result<Secret> access_token(const std::string& resource, const Deadline& deadline) = 0;
  /// How a person would name it: `service principal 1111…`.
  virtual std::string description() const = 0;
};

/// `secret` is read when first needed (a file, the environment).
std::unique_ptr<Credential> make_client_secret_credential(TokenEndpoint& endpoint, std::string client_id,
                                                          std::function<Result<Secret>()> secret, Clock& clock);

/// A person who signs in by device code; `announce` shows the address and the code.
std::unique_ptr<Credential> make_device_code_credential(TokenEndpoint& endpoint, std::string client_id,
                                                        std::function<void(const DeviceCode&)> announce, Clock& clock);

}  // namespace portalkey
