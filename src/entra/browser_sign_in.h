#pragma once
// Sign-in in a web browser: authorization code with PKCE, brought back to a port of this machine.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; RFC 7636, RFC 8252.

#include <functional>
#include <string>
#include <vector>

#include "entra/token_endpoint.h"

namespace portalkey {

/// Shows a person the address of the sign-in page, and opens it if it can.
using OpenBrowser = std::function<void(const std::string& url)>;

/// The answer holds a refresh token. needs_person: nobody came back in time, or the sign-in was declined there.
Result<TokenAnswer> sign_in_with_browser(TokenEndpoint& endpoint, const std::string& client_id, const std::string& resource,
                                         const std::string& claims, const OpenBrowser& open, const Clock& clock,
                                         const Deadline& deadline);

/// The commands that $BROWSER names (several are separated by colons; `%s` stands for the address, which is put at the end
/// otherwise), then xdg-open.
std::vector<std::vector<std::string>> browser_commands(const std::string& browser_variable, const std::string& url);

/// The PKCE challenge of a verifier: base64url(SHA-256).
std::string pkce_challenge(const Secret& verifier);

}  // namespace portalkey
