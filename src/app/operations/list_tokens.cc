#include "app/operations/list_tokens.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace portalkey {
namespace {

// In the order of their enumerators.
constexpr std::array<std::string_view, 3> kTokenStates{"active", "not-activated", "unassigned"};
constexpr std::array<std::string_view, 6> kTokenColumns{"serial", "upn", "state", "interval", "manufacturer", "model"};

template <class Value, std::size_t n>
std::optional<Value> by_name(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

bool fits(const std::string& pattern, const std::string& text) {
  return pattern.empty() || ::fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
}

bool wanted(const TokenQuery& query, const TenantToken& token) {
  return (!query.state || state_in_tenant(token) == *query.state) && fits(query.serial, token.serial) &&
         fits(query.manufacturer, token.manufacturer) && fits(query.model, token.model);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The digits at the beginning, without leading zeros; takes them from `text`.
std::string_view take_number(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  auto digits = text.substr(0, end);
  text.remove_prefix(end);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

/// Negative, zero or positive. Letter case does not count, and digits count as numbers.
int compare(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const auto of_a = take_number(a), of_b = take_number(b);
      if (of_a.size() != of_b.size()) return of_a.size() < of_b.size() ? -1 : 1;
      if (const int order = of_a.compare(of_b); order != 0) return order;
      continue;
    }
    const auto of_a = static_cast<unsigned char>(to_lower(a.front())), of_b = static_cast<unsigned char>(to_lower(b.front()));
    if (of_a != of_b) return of_a < of_b ? -1 : 1;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return static_cast<int>(!a.empty()) - static_cast<int>(!b.empty());
}

int compare(const TenantToken& a, const TenantToken& b, TokenColumn column) {
  switch (column) {
    case TokenColumn::serial: return compare(a.serial, b.serial);
    case TokenColumn::upn: return compare(a.upn, b.upn);
    case TokenColumn::state: return static_cast<int>(state_in_tenant(a)) - static_cast<int>(state_in_tenant(b));
    case TokenColumn::interval: return a.step.value_or(0) - b.step.value_or(0);
    case TokenColumn::manufacturer: return compare(a.manufacturer, b.manufacturer);
    case TokenColumn::model: return compare(a.model, b.model);
  }
  return 0;
}

bool before(const TenantToken& a, const TenantToken& b, const std::vector<TokenOrder>& order) {
  for (const auto& [column, descending] : order) {
    if (const int found = compare(a, b, column); found != 0) return (found < 0) != descending;
  }
  return false;
}

}  // namespace

TokenState state_in_tenant(const TenantToken& token) {
  return token.active ? TokenState::active : token.nobodys() ? TokenState::unassigned : TokenState::not_activated;
}

std::string_view state_of(const TenantToken& token) {
  return token.active ? "active" : token.nobodys() ? "unassigned" : "not activated";
}

std::span<const std::string_view> token_state_names() { return kTokenStates; }
std::optional<TokenState> token_state_of(std::string_view name) { return by_name<TokenState>(kTokenStates, name); }
std::span<const std::string_view> token_column_names() { return kTokenColumns; }

std::optional<TokenOrder> token_order_of(std::string_view text) {
  const auto colon = text.find(':');
  const auto direction = colon == std::string_view::npos ? std::string_view("asc") : text.substr(colon + 1);
  const auto column = by_name<TokenColumn>(kTokenColumns, text.substr(0, colon));
  if (!column || (direction != "asc" && direction != "desc")) return std::nullopt;
  return TokenOrder{*column, direction == "desc"};
}

std::vector<TenantToken> chosen_tokens(std::vector<TenantToken> tokens, const TokenQuery& query) {
  std::erase_if(tokens, [&](const TenantToken& token) { return !wanted(query, token); });
  if (!query.order.empty())
    std::ranges::stable_sort(tokens, [&](const auto& a, const auto& b) { return before(a, b, query.order); });
  return tokens;
}

Result<std::vector<TenantToken>> list_tokens(Tenant& tenant, const TokenQuery& query) {
  TokenFilter filter{.upn = query.upn, .active = std::nullopt};
  if (query.state) filter.active = *query.state == TokenState::active;
  std::vector<TenantToken> listed;
  auto read = tenant.open_tokens()->each(filter, tenant.deadline(), [&](const TenantToken& token) {
    if (wanted(query, token)) listed.push_back(shown(token));
  });
  if (!read) return pass(read);
  return chosen_tokens(std::move(listed), query);
}

}  // namespace portalkey
