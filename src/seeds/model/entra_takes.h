#pragma once
// What Entra takes of tokens, by what they are. Sources: "Upload hardware OATH tokens in CSV format" and "OATH tokens",
// Microsoft Learn; learn.microsoft.com/graph/api/resources/hardwareoathtokenauthenticationmethoddevice.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/model/token_seed.h"

namespace portalkey {

/// The API through which hardware OATH tokens are managed (docs/backends.md).
enum class Backend { portal, graph };

/// The tokens that one user can have at once, authenticator apps included (which the portal API does not show).
inline constexpr std::size_t kTokensPerUser = 5;
inline constexpr std::string_view kFiveAtMost =
    "Entra allows a user five OATH tokens and authenticator apps together: check whose they are.";

struct EntraRefusal {
  std::string why, remedy;
  bool graph_would = false;  ///< of the portal: Microsoft Graph takes it
};

/// Why a backend would not take this token. The portal's CSV import takes TOTP, SHA-1, six digits, 30 or 60 seconds, at most
/// 128 base32 characters; Graph takes SHA-256 as well.
std::optional<EntraRefusal> why_not(const TokenSeed& token, Backend backend);

}  // namespace portalkey
