#pragma once
// What Key Vault's refusals mean to the vault's administrator, with the az command that mends them where there is one.
// Source: learn.microsoft.com key-vault/general/rest-error-codes; the messages' own lines (Caller, Resource, Client address).

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/http.h"

namespace portalkey {

/// Where the request went, for the words.
struct VaultPlace {
  Url url;             ///< `https://NAME.vault.azure.net`
  std::string secret;  ///< the secret's name; empty if the request was not about one
};

struct VaultRefusal {
  Error error;
  std::string code;  ///< the deepest innererror's, else the outer one: `ForbiddenByRbac`, `ObjectIsDeletedButRecoverable`
};

/// Reads an error answer. Codes: unauthenticated (401), forbidden (403), not_found (no such secret), invalid_input (no such
/// vault, bad request), conflict (409), throttled (429), unavailable (5xx).
VaultRefusal read_refusal(const Response& response, const VaultPlace& place);

}  // namespace portalkey
