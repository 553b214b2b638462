#pragma once

#include <memory>

#include "base/sent_secrets.h"
#include "http/http.h"

namespace portalkey {

/// The secrets of a request: bearer, secret headers, and those of its body.
SentSecrets secrets_of(const Request& request);

/// Takes them out of an answer's body and headers, but for WWW-Authenticate. What is longer than 256 KiB is cut: no refusal is.
void hide_secrets(Response& response, SentSecrets& secrets);

/// Every answer that is not a success (status 300 and above) comes back without the secrets of its request, however the service
/// spells them: no decoder, and nothing behind it, ever sees them. A success stays as it is: it may have to carry them, as Key
/// Vault does. It is part of the wires themselves (make_curl_http, make_local_http), so that no chain can be without it.
std::unique_ptr<Http> make_unechoed(std::unique_ptr<Http> wire);

}  // namespace portalkey
