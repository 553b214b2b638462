#include "jobs/run/two_worlds.h"

#include <unordered_set>

namespace portalkey {

Result<void> TwoWorlds::read(TokenDirectory& here, TokenDirectory& there, const Deadline& deadline) {
  std::unordered_set<std::string> ids;
  std::vector<TenantToken> tokens;
  auto read = here.each({}, deadline, [&](TenantToken token) {
    ids.insert(token.oath_id);
    tokens.push_back(std::move(token));
  });
  if (!read) return read;
  here_.set(tokens);
  tokens.clear();
  ambiguous_.clear();
  std::unordered_set<std::string> serials;
  read = there.each({}, deadline, [&](TenantToken token) {
    if (ids.contains(token.oath_id)) return;
    if (!serials.insert(token.serial).second) ambiguous_.insert(token.serial);
    tokens.push_back(std::move(token));
  });
  if (!read) return read;
  there_.set(tokens);
  return {};
}

}  // namespace portalkey
