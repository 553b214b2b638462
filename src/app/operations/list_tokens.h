#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/tenant/tenant.h"

namespace portalkey {

enum class TokenState { active, not_activated, unassigned };

TokenState state_in_tenant(const TenantToken& token);
/// `active`, `not activated` or `unassigned`.
std::string_view state_of(const TenantToken& token);

/// What tokens can be sorted by.
enum class TokenColumn { serial, upn, state, interval, manufacturer, model };

struct TokenOrder {
  TokenColumn column = TokenColumn::serial;
  bool descending = false;
};

/// Which of the tenant's tokens, in which order. Patterns are whole values with `*`, `?` and `[...]` (glob); letter case does
/// not count. Empty ones take everything.
struct TokenQuery {
  std::string upn = {};
  std::optional<TokenState> state = {};
  std::string serial = {}, manufacturer = {}, model = {};
  std::vector<TokenOrder> order = {};  ///< the first counts most; empty: as the tenant lists them
};

/// Names in queries: `active`, `not-activated`, `unassigned`.
std::span<const std::string_view> token_state_names();
std::optional<TokenState> token_state_of(std::string_view name);
/// `serial`, `upn` and so on.
std::span<const std::string_view> token_column_names();
/// `serial`, or `serial:desc`; nullopt: there is no such column, or no such direction.
std::optional<TokenOrder> token_order_of(std::string_view text);

/// The tenant's hardware OATH tokens that the query asks for, as they may be shown. In an order by serial numbers, digits count
/// as numbers: T9 comes before T10.
Result<std::vector<TenantToken>> list_tokens(Tenant& tenant, const TokenQuery& query);
/// Of tokens that were read before: those that the query wants but for its `upn`, in its order.
std::vector<TenantToken> chosen_tokens(std::vector<TenantToken> tokens, const TokenQuery& query);

}  // namespace portalkey
