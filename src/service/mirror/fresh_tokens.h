#pragma once
// What a tenant says while it is read, beside what the mirror has of it, until it takes its place. Included by .cc files of the
// mirror only.

#include <span>
#include <string>
#include <unordered_set>

#include "service/mirror/mirror.h"
#include "service/mirror/mirror_layout.h"
#include "service/mirror/token_rows.h"

namespace portalkey {

class FreshTokens {
 public:
  /// `db`: a connection of its own. In a file without a name, of which little is kept in memory.
  static Result<FreshTokens> begin(MirrorDb db, std::string tenant);

  /// The same token again takes the place of the one before.
  Result<void> add(std::span<const TenantToken> tokens);
  /// Gives tokens that the mirror has without an id the one that the tenant says. To be called by the only writer.
  Result<void> adopt_ids();
  /// Finds what is different. Others may write meanwhile.
  Result<void> compare();
  /// Writes that down in one transaction, but for tokens whose serial_key() is among `touched`, and what is to be told, unless
  /// the tenant was never read before. To be called by the only writer.
  Result<void> take_place(const std::unordered_set<std::string>& touched, WallTime as_of);

 private:
  FreshTokens(MirrorDb db, std::string tenant) : db_(std::move(db)), tenant_(std::move(tenant)) {}
  Result<void> write_differences(TokenRows& rows, const std::unordered_set<std::string>& touched, bool tell);

  MirrorDb db_;
  std::string tenant_;
  std::int64_t number_ = 0;
};

/// Some of what is to be told of the tenant, in order; `through`: the last's number.
struct Untold {
  std::vector<OutsideChange> changes;
  std::int64_t through = 0;
};
Result<Untold> read_untold(Sqlite& db, const std::string& tenant);
Result<void> forget_told(Sqlite& db, const std::string& tenant, std::int64_t through);

}  // namespace portalkey
