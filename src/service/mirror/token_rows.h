#pragma once
// Tokens as rows of the mirror. Included by .cc files of the mirror only.

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "directory/token_directory.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// A serial number as it is sorted, searched and told from others.
std::string serial_key(std::string_view serial);
/// The first text that is greater than all that begin with `prefix`; empty: there is none.
std::string end_of_prefix(std::string_view prefix);

/// What a query's columns must be for token_at(): of `t`, a token, and `k`, its kind.
inline constexpr const char* kTokenFields =
    "t.serial, t.oath_id, t.upn, t.user_id, t.name, t.last_used, k.manufacturer, k.model, k.step, k.state";
inline constexpr int kTokenColumnCount = 10;
/// The token of the row, whose columns begin at `first`.
TenantToken token_at(const Query& row, int first);
/// A step as a number in a row, and back.
std::int64_t stored_step(std::optional<int> step);
std::optional<int> step_of(std::int64_t stored);
/// A moment, or NULL.
void bind_moment(Query& query, std::optional<WallTime> moment);

struct StoredToken {
  std::int64_t id = 0;
  TenantToken token;
};

/// The number of a tenant's tokens that are shown; nullopt: it is not known.
Result<std::optional<std::int64_t>> tenant_number(Sqlite& db, const std::string& name);
/// The same, made if it is not known. In a transaction.
Result<std::int64_t> made_tenant_number(Sqlite& db, const std::string& name);

/// Of one tenant, for one transaction.
class TokenRows {
 public:
  TokenRows(Sqlite& db, std::int64_t tenant);
  Result<std::optional<StoredToken>> find(const std::string& serial, const std::string& oath_id);
  Result<std::vector<StoredToken>> with_serial(const std::string& serial);
  /// To be followed by index_parts() in the same transaction, before any of them is erased.
  Result<void> insert(const TenantToken& token);
  /// Of all inserted by this one: at once, for in a trigger each would be written to the disk by itself.
  Result<void> index_parts();
  Result<void> update(std::int64_t id, const TenantToken& token);
  Result<void> erase(std::int64_t id);

 private:
  Result<std::int64_t> kind_of(const TenantToken& token);
  Result<std::vector<StoredToken>> read(Query& query);

  Sqlite& db_;
  std::int64_t tenant_;
  std::int64_t first_inserted_ = 0;
  Query find_, with_serial_, insert_, update_, unindex_, erase_, make_kind_, find_kind_;
  std::unordered_map<std::string, std::int64_t> kinds_;
};

/// What a word about the token does not say, from what is known otherwise.
TenantToken completed(TenantToken said, const TenantToken& known);
/// As put() and gone() have it: a token without an id is the one with its serial number, and what it does not say stays.
Result<void> put_token(TokenRows& rows, const TenantToken& token);
Result<void> erase_serial(TokenRows& rows, const std::string& serial);

}  // namespace portalkey
