#pragma once
// Which tokens a query of the mirror is about: the kinds that fit, and what is asked of serial numbers and users. Included by
// .cc files of the mirror only.

#include <optional>
#include <string>
#include <vector>

#include "service/mirror/mirror.h"
#include "sqlite/sqlite.h"

namespace portalkey {

/// What many tokens have in common.
struct TokenKind {
  std::int64_t id = 0;
  TokenState state{};
  std::string group;  ///< what the order sorts it by; empty in an order by serial number or user
  std::int64_t tokens = 0;
};

/// A token in the order: the columns of both indexes.
struct TokenPlace {
  std::int64_t id = 0, kind = 0;
  std::string sl, oath_id, ul;
};

/// In an index: from the first to before the second; empty: no bound.
struct KeyRange {
  std::string from, before;
  bool has(std::string_view key) const { return key >= from && (before.empty() || key < before); }
};

struct TokenChoice {
  std::vector<TokenKind> kinds;
  std::optional<KeyRange> search_serial, search_owner;  ///< either; both or none are there
  std::string serial_part;
  std::string owner;  ///< account; empty: whoever

  bool of_kinds_only() const { return !search_serial && serial_part.empty() && owner.empty(); }
  bool fits(const TokenPlace& place) const;
  /// The same for SQL, and its values.
  std::string condition() const;
  void bind(Query& query) const;
};

Result<TokenChoice> choice_of(Sqlite& db, std::int64_t tenant, const MirrorQuery& query);

/// Those that fit, if not more than a bound have to be looked at; nullopt: more.
Result<std::optional<std::vector<TokenPlace>>> few_in_range(Sqlite& db, const TokenChoice& choice, bool by_owner,
                                                            const KeyRange& range);
/// By the index of parts of serial numbers.
Result<std::optional<std::vector<TokenPlace>>> few_with_part(Sqlite& db, const TokenChoice& choice);

}  // namespace portalkey
