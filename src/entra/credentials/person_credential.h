#pragma once
// A person as a credential. Who has signed in for one resource is not asked again for the next: the sign-in's refresh token,
// kept in memory, is redeemed for it.

#include <functional>
#include <memory>
#include <string>

#include "entra/credentials/browser_sign_in.h"
#include "entra/credentials/credential.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// Shows a person the address and the code. needs_person: nobody is there to see them.
using AnnounceDeviceCode = std::function<Result<void>(const DeviceCode&)>;

std::unique_ptr<Credential> make_device_code_credential(TokenEndpoint endpoint, std::string client_id,
                                                        AnnounceDeviceCode announce, Clock& clock);

std::unique_ptr<Credential> make_browser_credential(TokenEndpoint endpoint, std::string client_id, OpenBrowser open,
                                                    Clock& clock);

}  // namespace portalkey
