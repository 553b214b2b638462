#include "sandbox/oath_tokens.h"

#include <utility>

#include "base/ascii.h"

namespace portalkey::sandbox {

bool OathTokens::add(OathToken token) {
  if (by_id_.contains(token.id) || by_serial_.contains(lower(token.serial))) return false;
  if (token.sequence == 0) token.sequence = tokens_.empty() ? 1 : tokens_.rbegin()->first + 1;
  by_id_[token.id] = token.sequence;
  by_serial_[lower(token.serial)] = token.sequence;
  ++per_user_[token.user];
  tokens_.emplace(token.sequence, std::move(token));
  return true;
}

OathToken* OathTokens::find(std::string_view id) {
  const auto found = by_id_.find(lower(id));
  return found == by_id_.end() ? nullptr : &tokens_.at(found->second);
}

const OathToken* OathTokens::find_serial(std::string_view serial) const {
  const auto found = by_serial_.find(lower(serial));
  return found == by_serial_.end() ? nullptr : &tokens_.at(found->second);
}

bool OathTokens::remove(std::string_view id) {
  const auto found = by_id_.find(lower(id));
  if (found == by_id_.end()) return false;
  const auto token = tokens_.find(found->second);
  --per_user_[token->second.user];
  by_serial_.erase(lower(token->second.serial));
  tokens_.erase(token);
  by_id_.erase(found);
  return true;
}

int OathTokens::count_of_user(const std::string& user) const {
  const auto found = per_user_.find(user);
  return found == per_user_.end() ? 0 : found->second;
}

}  // namespace portalkey::sandbox
