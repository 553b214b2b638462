#pragma once
// A copy of each tenant's tokens, never with a key, so that lists, searches and counts are quick although the portal API hands
// out 25 tokens a page. What decides something is read from the tenant itself; every answer says how old it is.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/operations/list_tokens.h"
#include "base/clock.h"
#include "base/error.h"
#include "directory/token_directory.h"

namespace portalkey {

/// The same words as a TokenQuery, and where the page is.
struct MirrorQuery {
  std::string search;  ///< begins a serial number or a UPN, whatever the case; nothing in it is a wildcard
  std::string upn;     ///< exactly, as account_of() has it; `none`: tokens of nobody
  std::optional<TokenState> state;
  std::string serial, manufacturer, model;  ///< contained, whatever the case; nothing in it is a wildcard
  TokenOrder order;                         ///< then by serial number, then by the token's id
  std::size_t most = 50;
  std::string after;  ///< MirrorPage::next of the page before; tokens that come or go in between do not shift it
};

struct MirrorPage {
  std::vector<TenantToken> tokens;
  std::string next;  ///< empty: this is the last
  WallTime as_of{};  ///< when the tenant was last read whole, or at the time of the oldest part of it
};

struct MirrorCounts {
  std::int64_t all = 0, active = 0, not_activated = 0, unassigned = 0;
  WallTime as_of{};
};

/// What another hand changed in the tenant between two readings.
struct OutsideChange {
  enum class What { appeared, vanished, activated, deactivated, changed_owner } what = What::appeared;
  TenantToken token;     ///< as it is now; of one that vanished, as it was
  std::string from_upn;  ///< of changed_owner
};

class Mirror {
 public:
  virtual ~Mirror() = default;
  // `tenant`: the profile's name. By any thread.

  /// not_found: this tenant was never read whole. invalid_input: no page begins at `after`.
  virtual Result<MirrorPage> page(const std::string& tenant, const MirrorQuery& query) = 0;
  virtual Result<MirrorCounts> counts(const std::string& tenant, const MirrorQuery& query) = 0;
  /// When the tenant was last read whole; nullopt: never.
  virtual Result<std::optional<WallTime>> as_of(const std::string& tenant) = 0;

  /// What the service itself did: the token as it is now, or gone.
  virtual Result<void> put(const std::string& tenant, const TenantToken& token) = 0;
  virtual Result<void> gone(const std::string& tenant, const std::string& serial) = 0;
  /// Reads the tenant whole, page by page, in bounded memory, and tells of what changed otherwise than by put() and gone().
  /// Lists go on meanwhile with what was there before, put() and gone() are taken between its batches and win. If it fails or
  /// is stopped, what was there stays.
  virtual Result<void> refresh(const std::string& tenant, TokenDirectory& directory, const Deadline& deadline,
                               const std::function<void(const OutsideChange&)>& changed) = 0;
};

}  // namespace portalkey
