#pragma once
// What a resource says when it does not take an access token: WWW-Authenticate.
// Source: RFC 9110 §11.6.1, RFC 6750 §3; learn.microsoft.com/entra/identity-platform/claims-challenge.

#include <map>
#include <optional>
#include <string>

#include "http/http.h"

namespace portalkey {

/// The parameters of the first `Bearer` challenge in the answer's WWW-Authenticate headers, by name in lower case, unquoted;
/// nullopt if there is none. Other schemes before or after it are skipped; order and quoting do not matter.
std::optional<std::map<std::string, std::string>> bearer_challenge(const Response& response);

/// The claims (JSON) that a 401 with error="insufficient_claims" demands of the next token; nullopt for any other answer.
/// A resource writes them in base64, with or without padding, in either alphabet.
std::optional<std::string> demanded_claims(const Response& response);

}  // namespace portalkey
