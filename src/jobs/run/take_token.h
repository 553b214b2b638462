#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>

#include "directory/token_directory.h"

namespace portalkey {

enum class Taken { done, not_done, stopped };

/// An error after which nothing else of a job would go any better.
inline bool ends_all(const Error& error) {
  return error.code == Errc::forbidden || error.code == Errc::unauthenticated || error.code == Errc::needs_person ||
         error.code == Errc::cancelled;
}

/// Takes a token from its user, or (`out_of_tenant`, and where nobody's tokens are not kept) out of the tenant. Asks the tenant
/// what came of it: of the portal's answer nothing is recorded, and answers get lost. `why`: not done; `ended`: stopped.
Taken take_token(TokenDirectory& directory, const TenantToken& token, bool out_of_tenant, Clock& clock, std::stop_token stop,
                 std::string& why, std::optional<Error>& ended);

}  // namespace portalkey
