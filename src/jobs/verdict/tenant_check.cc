#include "jobs/verdict/tenant_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace portalkey {

std::string account_of(std::string_view upn) {
  std::string out;
  for (std::size_t i = 0; i < upn.size(); ++i) {
    out += to_lower(upn[i]);
    if (upn[i] == '\'' && i + 1 < upn.size() && upn[i + 1] == '\'') ++i;
  }
  return out;
}

bool is_guest_upn(std::string_view upn) { return upn.contains('#') && lower(upn).contains("#ext#"); }

void TenantCheck::list(TenantToken token) {
  ++per_account_[account_of(token.upn)];
  add(std::move(token));
}

void TenantCheck::set(std::vector<TenantToken> listed) {
  by_serial_.clear();
  per_account_.clear();
  for (auto& token : listed) list(std::move(token));
}

Result<void> TenantCheck::read(TokenDirectory& directory, const Deadline& deadline) {
  TenantCheck fresh;
  auto done = directory.each({}, deadline, [&](TenantToken token) { fresh.list(std::move(token)); });
  if (done) *this = std::move(fresh);
  return done;
}

std::shared_ptr<const TenantToken> TenantCheck::add(TenantToken token) {
  auto held = std::make_shared<const TenantToken>(std::move(token));
  const auto [known, fresh] = by_serial_.try_emplace(held->serial, held);
  if (!fresh) {  // its key goes with it
    by_serial_.erase(known);
    by_serial_.emplace(held->serial, held);
  }
  return held;
}

void TenantCheck::expect(std::size_t more) {
  by_serial_.reserve(by_serial_.size() + more);
  per_account_.reserve(per_account_.size() + more);
}

std::shared_ptr<const TenantToken> TenantCheck::share(const std::string& serial) const {
  const auto found = by_serial_.find(serial);
  return found == by_serial_.end() ? nullptr : found->second;
}

SerialMatch TenantCheck::match(const std::string& serial) const {
  if (contains(serial)) return {.serial = serial, .nearly = {}, .more = 0};
  std::vector<std::string_view> there;
  there.reserve(by_serial_.size());
  for (const auto& [one, token] : by_serial_) there.push_back(one);
  return match_serial(serial, there);
}

std::vector<const TenantToken*> TenantCheck::of_user(std::string_view user) const {
  const std::string account = account_of(user);
  std::vector<const TenantToken*> tokens;
  for (const auto& [serial, token] : by_serial_) {
    if (!user.empty() && (account_of(token->upn) == account || same_ignoring_case(token->user_id, user)))
      tokens.push_back(token.get());
  }
  std::ranges::sort(tokens, {}, &TenantToken::serial);
  return tokens;
}

std::set<std::string> TenantCheck::users() const {
  std::set<std::string> users;
  for (const auto& [serial, token] : by_serial_) {
    if (!token->upn.empty()) users.insert(token->upn);
  }
  return users;
}

std::string TenantCheck::holdings(std::string_view user) const {
  const auto tokens = of_user(user);
  if (tokens.empty()) return fmt::format("{} has no token", user);
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    text += i == 0 ? "" : i + 1 == tokens.size() ? " and " : ", ";
    text += fmt::format("{} ({})", tokens[i]->serial, tokens[i]->active ? "active" : "not activated");
  }
  return fmt::format("{} has {}", user, text);
}

TenantVerdict TenantCheck::judge(const std::string& serial, std::string_view upn) {
  using State = TenantVerdict::State;
  if (const auto* token = find(serial)) {
    if (token->nobodys()) return {State::unassigned, token, {}, {}};
    if (!upn.empty() && account_of(token->upn) != account_of(upn)) {
      return {State::taken, token,
              fmt::format("the serial number is taken: the tenant has it assigned to {} ({})", owner_of(*token),
                          token->active ? "active" : "not activated"),
              "Check who has the device; if it is to go to this user, remove it there ([[remove]]), and import it "
              "with [[setting|again]]."};
    }
    return {token->active ? State::active : State::inactive, token, {}, {}};
  }
  if (upn.empty()) return {};
  auto& count = per_account_[account_of(upn)];
  if (count >= kTokensPerUser) {
    return {State::too_many, nullptr,
            fmt::format("{} would have more than {} tokens, those in the tenant included", upn, kTokensPerUser),
            "Remove a token the user no longer has, then run the same command again."};
  }
  ++count;
  return {};
}

}  // namespace portalkey
