#pragma once

#include <functional>
#include <memory>
#include <string>

#include "vault/secret_store.h"

namespace portalkey {

/// An access token for the vault; called once per request, so it should be cached by its maker.
using VaultToken = std::function<Result<Secret>(const Deadline&)>;

struct KeyVaultOptions {
  Url url;  ///< `https://NAME.vault.azure.net`
  std::string api_version = "7.5";
  bool recover_deleted = true;  ///< false: a deleted secret is merely not found
};

/// Azure Key Vault's secrets, data plane.
/// Source: Azure/azure-rest-api-specs keyvault/data-plane 7.5; learn.microsoft.com key-vault/general/rest-error-codes.
/// There is no compare-and-set: a put whose answer is lost is read back and compared, never repeated blindly.
/// A secret that somebody deleted is recovered where it is needed (a warning says so); nothing is ever purged.
std::unique_ptr<SecretStore> make_key_vault(KeyVaultOptions options, Http& http, VaultToken token, Clock& clock);

}  // namespace portalkey
