#pragma once
// Sign-in in a web browser: authorization code with PKCE, brought back to a port of this machine.
// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow; RFC 7636, RFC 8252.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "entra/credentials/pasted_lines.h"
#include "entra/credentials/redirect_page.h"
#include "entra/oauth/token_endpoint.h"

namespace portalkey {

struct SignInPage {
  std::string url;         ///< for a person's eyes, and for no list of processes
  std::uint16_t port = 0;  ///< of this machine, where the browser comes back to
};

/// What a sign-in that was shown to a person needs until it is over.
struct ShownSignIn {
  std::optional<RedirectPage> page;     ///< that a browser of this machine was started with
  std::unique_ptr<PastedLines> pasted;  ///< null: nobody can paste
};

/// Shows a person the address of the sign-in page, and opens it if it can. needs_person: nobody is there to see it.
using OpenBrowser = std::function<Result<ShownSignIn>(const SignInPage& page)>;

/// The answer holds a refresh token and answers this sign-in and no other: state (in constant time, once), PKCE, `iss` where
/// there is one, and the id token's nonce say so. forbidden: it does not. needs_person: nobody came back in time, or the
/// sign-in was declined there. A browser comes back to a port of this machine; what a person pastes does as well.
Result<TokenAnswer> sign_in_with_browser(TokenEndpoint& endpoint, const std::string& client_id, const std::string& resource,
                                         const std::string& claims, const OpenBrowser& open, const Clock& clock,
                                         const Deadline& deadline);

/// What may open a page on this machine: the commands that $BROWSER names (several are separated by colons; `%s` stands for the
/// address, which is put at the end otherwise), then xdg-open where there is a desktop. Empty: there is no browser here.
std::vector<std::vector<std::string>> browser_commands(const std::string& browser_variable, bool desktop,
                                                       const std::string& url);

/// The PKCE challenge of a verifier: base64url(SHA-256).
std::string pkce_challenge(const Secret& verifier);

}  // namespace portalkey
