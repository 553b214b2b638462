#pragma once
// What is to be told of a tenant, until it was. Included by .cc files of the mirror only.

#include <optional>
#include <string>
#include <vector>

#include "service/mirror/mirror.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// Of one tenant, for one transaction.
class UntoldRows {
 public:
  UntoldRows(Sqlite& db, std::int64_t tenant);
  /// What became of a token; nullopt: it was not, or is not.
  Result<void> add(const std::optional<TenantToken>& was, const std::optional<TenantToken>& is);

 private:
  Result<void> add(OutsideChange::What what, const TenantToken& token, const std::string& from_upn = {});

  Query insert_;
  std::int64_t tenant_;
};

/// Some of what is to be told of the tenant, in order; `through`: the last's number.
struct Untold {
  std::vector<OutsideChange> changes;
  std::int64_t through = 0;
};
Result<Untold> read_untold(Sqlite& db, const std::string& tenant);
Result<void> forget_told(Sqlite& db, const std::string& tenant, std::int64_t through);

}  // namespace portalkey
