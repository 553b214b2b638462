#pragma once
// What the AADSTS codes of Entra mean for an unattended run, and what the administrator must do.
// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes; public logs.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http.h"

namespace portalkey {

/// The Error for an AADSTS code. Of a code that is not in the table nothing is claimed: the first sentence of Entra's own
/// `description` is quoted, if there is one; the OAuth `error` word (RFC 6749 §5.2) decides what kind of error it is, and
/// `invalid_grant` means "sign in again".
Error aadsts_error(std::int64_t code, std::string_view oauth_error, std::string_view description = {});

/// The first `AADSTS<digits>` in a text, or 0.
std::int64_t find_aadsts(std::string_view text);

/// Decodes an error answer of the token or device code endpoint: `error_codes[0]`, then `error`, then `suberror`; adds
/// status, correlation id, and the Conditional Access policy ids when `claims` names them.
Error token_endpoint_error(const Response& response);

}  // namespace portalkey
