#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "jobs/model/token_event.h"

namespace portalkey {

/// All that is known of a token: what the tenant says now, and what this profile's journal knows.
struct KnownToken {
  std::string serial;                   ///< as the tenant writes it; of one it does not have, as the journal does
  std::string tenant, backend;          ///< of the profile
  std::optional<TenantToken> held;      ///< as it may be shown; nullopt: the tenant does not have it
  std::vector<TokenEvent> events;       ///< the oldest first
  std::optional<WallTime> known_since;  ///< the first job that knew it
  std::optional<DeviceClock> clock;     ///< its device's, as the last job that was told it knew it
  std::vector<std::string> notes;
};

/// `serial`: as serial_match.h takes it. not_found: neither tenant nor journal know it; says which are nearly it.
Result<KnownToken> show_token(Tenant& tenant, const std::string& serial);

}  // namespace portalkey
