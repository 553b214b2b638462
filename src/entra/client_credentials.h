#pragma once

#include <functional>
#include <memory>
#include <string>

#include "entra/credential.h"
#include "entra/token_endpoint.h"

namespace portalkey {

/// `secret` is read when first needed (a file, the environment).
std::unique_ptr<Credential> make_client_secret_credential(TokenEndpoint& endpoint, std::string client_id,
                                                          std::function<Result<Secret>()> secret, Clock& clock);

/// A person who signs in by device code; `announce` shows the address and the code.
std::unique_ptr<Credential> make_device_code_credential(TokenEndpoint& endpoint, std::string client_id,
                                                        std::function<void(const DeviceCode&)> announce, Clock& clock);

}  // namespace portalkey
