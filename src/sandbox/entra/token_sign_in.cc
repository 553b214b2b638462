#include "sandbox/entra/token_sign_in.h"

#include <algorithm>

#include "base/ascii.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/groups.h"
#include "sandbox/world/oath_codes.h"

namespace portalkey::sandbox {
namespace {

/// Whether the targets name this user, or a group that the user is in.
bool hits(const State& state, const std::string& targets, const SandboxUser& user) {
  const auto list = parse_json(targets);
  if (!list || !list->is_array()) return false;
  return std::ranges::any_of(list->get_array(), [&](const json::value& one) {
    const auto id = one.is_object() ? string_member(one.get_object(), "id") : std::nullopt;
    if (!id) return false;
    if (*id == "all_users" || same_ignoring_case(*id, user.oid)) return true;
    const auto group = state.groups.find(lower(*id));
    return group != state.groups.end() && members_of(state, group->second, true).contains(user.oid);
  });
}

}  // namespace

TokenSignIn sign_in_with_token(World& world, const SandboxUser& user, std::string_view code) {
  const auto refused = [](std::string reason) { return TokenSignIn{nullptr, std::move(reason)}; };
  if (user.deleted || user.disabled) return refused("The account is disabled or deleted.");
  const auto& policy = world.state.oath_method_policy;
  if (!policy.enabled) return refused("The method policy for hardware OATH tokens is disabled.");
  if (!hits(world.state, policy.include_targets, user) || hits(world.state, policy.exclude_targets, user))
    return refused("The method policy for hardware OATH tokens does not include the user.");
  bool any = false;
  for (const auto sequence : world.state.tokens.of_user(lower(user.upn))) {
    OathToken* token = world.state.tokens.find(world.state.tokens.all().at(sequence).id);
    if (!token->enabled) continue;
    any = true;
    if (!take_sign_in_code(world, *token, code)) continue;
    token->last_used = world.clock.seconds();
    world.touch();
    return {token, {}};
  }
  return refused(any ? "The code is of none of the user's active tokens as their clocks are known, or was used before."
                     : "The user has no active token.");
}

}  // namespace portalkey::sandbox
