#pragma once
// What cjose, another implementation of JOSE, says of a token's signature.

#include <string>

namespace portalkey {

/// Whether the token is signed by the key that its header names, of the keys in the set (RFC 7517). Nothing else is judged.
bool cjose_finds_it_signed(const std::string& token, const std::string& key_set);

}  // namespace portalkey
