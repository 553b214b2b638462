#include "sandbox/world/oath_tokens.h"

#include <utility>

#include "base/ascii.h"

namespace portalkey::sandbox {
namespace {

std::size_t index_of(OathOrigin origin) { return origin == OathOrigin::graph ? 1 : 0; }

}  // namespace

bool OathTokens::add(OathToken token) {
  auto& serials = by_serial_[index_of(token.origin)];
  if (by_id_.contains(token.id) || serials.contains(lower(token.serial))) return false;
  if (token.sequence == 0) token.sequence = tokens_.empty() ? 1 : tokens_.rbegin()->first + 1;
  by_id_[token.id] = token.sequence;
  serials[lower(token.serial)] = token.sequence;
  if (!token.user.empty()) per_user_[token.user].insert(token.sequence);
  tokens_.emplace(token.sequence, std::move(token));
  return true;
}

OathToken* OathTokens::find(std::string_view id) {
  const auto found = by_id_.find(lower(id));
  return found == by_id_.end() ? nullptr : &tokens_.at(found->second);
}

const OathToken* OathTokens::find_serial(std::string_view serial, OathOrigin origin) const {
  const auto& serials = by_serial_[index_of(origin)];
  const auto found = serials.find(lower(serial));
  return found == serials.end() ? nullptr : &tokens_.at(found->second);
}

bool OathTokens::remove(std::string_view id) {
  const auto found = by_id_.find(lower(id));
  if (found == by_id_.end()) return false;
  const auto token = tokens_.find(found->second);
  if (!token->second.user.empty()) per_user_[token->second.user].erase(token->first);
  by_serial_[index_of(token->second.origin)].erase(lower(token->second.serial));
  tokens_.erase(token);
  by_id_.erase(found);
  return true;
}

void OathTokens::assign(std::string_view id, std::string user, std::int64_t unix_seconds) {
  OathToken* token = find(id);
  if (token == nullptr) return;
  if (!token->user.empty()) per_user_[token->user].erase(token->sequence);
  if (!user.empty()) per_user_[user].insert(token->sequence);
  token->assigned = user.empty() ? 0 : unix_seconds;
  token->user = std::move(user);
  token->enabled = token->activated = token->failed_activation = false;
  token->drift_steps = token->last_used = 0;
}

const std::set<std::int64_t>& OathTokens::of_user(const std::string& user) const {
  static const std::set<std::int64_t> none;
  const auto found = per_user_.find(user);
  return found == per_user_.end() ? none : found->second;
}

}  // namespace portalkey::sandbox
