#include "jobs/verdict/tenant_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace portalkey {
namespace {

std::uint64_t hash_of(std::string_view account) { return std::hash<std::string_view>()(account); }

}  // namespace

void TenantCheck::list(const TenantToken& token) {
  ++per_account_[hash_of(account_of(token.upn))];
  tokens_.put(token);
}

void TenantCheck::set(const std::vector<TenantToken>& listed) {
  *this = TenantCheck();
  for (const auto& token : listed) list(token);
}

Result<void> TenantCheck::read(TokenDirectory& directory, const Deadline& deadline) {
  TenantCheck fresh;
  auto done = directory.each({}, deadline, [&](const TenantToken& token) { fresh.list(token); });
  if (done) *this = std::move(fresh);
  return done;
}

void TenantCheck::expect(std::size_t more) {
  tokens_.reserve(tokens_.size() + more);
  per_account_.reserve(per_account_.size() + more);
}

SerialMatch TenantCheck::match(const std::string& serial) const {
  if (contains(serial)) return {.serial = serial, .nearly = {}, .more = 0};
  std::vector<std::string> serials;
  serials.reserve(tokens_.size());
  tokens_.each([&](TenantToken token) { serials.push_back(std::move(token.serial)); });
  const std::vector<std::string_view> there(serials.begin(), serials.end());
  return match_serial(serial, there);
}

std::vector<std::shared_ptr<const TenantToken>> TenantCheck::of_user(std::string_view user) const {
  const std::string account = account_of(user);
  std::vector<std::shared_ptr<const TenantToken>> tokens;
  tokens_.each([&](TenantToken token) {
    if (!user.empty() && (account_of(token.upn) == account || same_ignoring_case(token.user_id, user)))
      tokens.push_back(std::make_shared<const TenantToken>(std::move(token)));
  });
  std::ranges::sort(tokens, {}, [](const auto& token) { return std::string_view(token->serial); });
  return tokens;
}

std::set<std::string> TenantCheck::users() const {
  std::set<std::string> users;
  tokens_.each([&](TenantToken token) {
    if (!token.upn.empty()) users.insert(std::move(token.upn));
  });
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
  if (auto token = find(serial)) {
    if (token->nobodys()) return {State::unassigned, std::move(token), {}, {}};
    if (!upn.empty() && account_of(token->upn) != account_of(upn)) {
      return {State::taken, token,
              fmt::format("the serial number is taken: the tenant has it assigned to {} ({})", owner_of(*token),
                          token->active ? "active" : "not activated"),
              "Check who has the device; if it is to go to this user, remove it there ([[remove]]), and import it "
              "with [[setting|again]]."};
    }
    const auto state = token->active ? State::active : State::inactive;
    return {state, std::move(token), {}, {}};
  }
  if (upn.empty()) return {};
  auto& count = per_account_[hash_of(account_of(upn))];
  if (count >= kTokensPerUser) {
    return {State::too_many, nullptr,
            fmt::format("{} would have more than {} tokens, those in the tenant included", upn, kTokensPerUser),
            "Remove a token the user no longer has, then run the same command again."};
  }
  ++count;
  return {};
}

}  // namespace portalkey
