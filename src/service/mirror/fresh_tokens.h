#pragma once
// What a tenant says while it is read, beside what the mirror has of it, until it takes its place. Included by .cc files of the
// mirror only.

#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "service/mirror/mirror.h"
#include "service/mirror/mirror_layout.h"
#include "service/mirror/token_rows.h"

namespace portalkey {

/// What a token is told from others by: serial_key() and id.
struct TokenName {
  std::string sl, oath_id;
};

struct Difference {
  std::int64_t number = 0;
  TokenName name;
  std::optional<TenantToken> said;  ///< nullopt: it vanished
};

class FreshTokens {
 public:
  /// So many differences are written within a tenth of a second.
  static constexpr std::size_t kMostDifferences = 500;

  /// `db`: a connection of its own. In a file without a name, of which little is kept in memory.
  static Result<FreshTokens> begin(MirrorDb db, std::string tenant);

  /// The same token again takes the place of the one before.
  Result<void> add(std::span<const TenantToken> tokens);
  /// Gives some tokens that the mirror has without an id the one that the tenant says. False: none is left. To be called by
  /// the only writer, before what follows.
  Result<bool> adopt_ids(std::size_t most);
  /// Finds what is different, and how much. Others may write meanwhile.
  Result<std::size_t> compare();
  /// Writes that down in one transaction, but for tokens whose serial_key() is among `touched`, and what is to be told, unless
  /// the tenant was never read before. Not for more than kMostDifferences. To be called by the only writer.
  Result<void> take_place(const std::unordered_set<std::string>& touched, WallTime as_of);

  // For a Generation.
  Sqlite& db() const { return *db_; }
  const std::string& tenant() const { return tenant_; }
  std::int64_t number() const { return number_; }
  Result<bool> was_read_before() const;
  /// Those that follow, in order.
  Result<std::vector<TenantToken>> said(const std::optional<TokenName>& after, std::size_t most) const;
  Result<std::vector<Difference>> differences(std::int64_t after, std::size_t most) const;

 private:
  FreshTokens(MirrorDb db, std::string tenant) : db_(std::move(db)), tenant_(std::move(tenant)) {}
  Result<void> adopt_id(TokenRows& rows, const std::string& sl);
  Result<void> write_differences(const std::unordered_set<std::string>& touched, bool tell);

  MirrorDb db_;
  std::string tenant_;
  std::int64_t number_ = 0;
  std::string adopted_through_;
};

}  // namespace portalkey
