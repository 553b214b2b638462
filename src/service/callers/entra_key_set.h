#pragma once
// The keys that Entra signs tokens with (RFC 7517). Immutable; threads may share it. Included by .cc files only.

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace portalkey {

struct EntraKey {
  std::string kid;
  std::string issuer;  ///< whose tokens it signs, `{tenantid}` standing for every tenant; empty: everybody's
  std::shared_ptr<EVP_PKEY> key;

  /// Whether the key signs tokens of that tenant.
  bool is_for(std::string_view tenant) const;
  /// Whether it made the signature, by RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 §3.3).
  bool signed_it(std::string_view signed_part, std::string_view signature) const;
};

class EntraKeySet {
 public:
  /// Of its entries those for RSA signatures count that have 2048 to 8192 bits; two that differ under one `kid` are both left
  /// out. unavailable: it is no key set, or none counts.
  static Result<EntraKeySet> read(std::string_view json);
  /// nullptr: it has none of that name.
  const EntraKey* find(std::string_view kid) const;

 private:
  std::vector<EntraKey> keys_;
};

}  // namespace portalkey
