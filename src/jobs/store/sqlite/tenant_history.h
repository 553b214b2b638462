#pragma once
// What this journal's jobs tell of a tenant's tokens.

#include <string>
#include <unordered_map>
#include <vector>

#include "jobs/model/taken_token.h"
#include "jobs/model/token_event.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// As JobStore says. To be called inside a transaction.
Result<std::unordered_map<std::string, WallTime>> waiting_since(Sqlite& db, const std::string& tenant,
                                                                const std::vector<std::string>& serials, WallTime now);
/// As JobStore says.
Result<TakenTokens> taken_away(Sqlite& db, const std::string& tenant);
/// As JobStore says.
Result<std::vector<TokenEvent>> token_events(Sqlite& db, const std::string& tenant, const std::string& serial);

}  // namespace portalkey
