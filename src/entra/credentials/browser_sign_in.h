#pragma once
// Sign-in in a web browser: authorization code with PKCE, brought back to a port of this machine.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; RFC 7636, RFC 8252.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "entra/credentials/redirect_page.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

/// Shows a person the address of the sign-in page, and opens it if it can, by a page that is kept until the sign-in is over.
/// The address is for that person's eyes, and for no list of processes. needs_person: nobody is there to see it.
using OpenBrowser = std::function<Result<std::optional<RedirectPage>>(const std::string& url)>;

/// The answer holds a refresh token and answers this sign-in and no other: state (in constant time, once), PKCE, `iss` where
/// there is one, and the id token's nonce say so. forbidden: it does not. needs_person: nobody came back in time, or the
/// sign-in was declined there.
Result<TokenAnswer> sign_in_with_browser(TokenEndpoint& endpoint, const std::string& client_id, const std::string& resource,
                                         const std::string& claims, const OpenBrowser& open, const Clock& clock,
                                         const Deadline& deadline);

/// The commands that $BROWSER names (several are separated by colons; `%s` stands for the address, which is put at the end
/// otherwise), then xdg-open.
std::vector<std::vector<std::string>> browser_commands(const std::string& browser_variable, const std::string& url);

/// The PKCE challenge of a verifier: base64url(SHA-256).
std::string pkce_challenge(const Secret& verifier);

}  // namespace portalkey
