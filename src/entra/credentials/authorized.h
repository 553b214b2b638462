#pragma once
// Requests that carry a credential's access token.

#include <memory>
#include <string>

#include "entra/credentials/credential.h"
#include "http/http.h"

namespace portalkey {

/// Sends `request` with the credential's access token for `resource`. A claims challenge (401 with error="insufficient_claims",
/// continuous access evaluation) is answered with a token that has the claims and one repetition; the request was not carried
/// out before it. Any other HTTP status is the Response, as with Http::send; an Error is the credential's or the network's.
Result<Response> send_authorized(Http& http, Credential& credential, const std::string& resource, Request request,
                                 const Deadline& deadline);

/// An Http that does the second half for requests that bring their bearer token: answers claims challenges for `resource`.
std::unique_ptr<Http> make_challenge_answering(Http& next, Credential& credential, std::string resource);

}  // namespace portalkey
