#pragma once
// Security groups and who is in them.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world/state.h"

namespace portalkey::sandbox {

/// By id, or by its display name in any letter case (the first of several); nullptr if there is none.
SandboxGroup* directory_group(State& state, std::string_view name_or_id);

/// Object ids of users and groups; `transitive`: also of what is in groups within it, each once.
std::set<std::string> members_of(const State& state, const SandboxGroup& group, bool transitive);

/// The groups that a user or group is in.
std::vector<const SandboxGroup*> groups_with(const State& state, const std::string& object_id, bool transitive);

}  // namespace portalkey::sandbox
