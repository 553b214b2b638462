#include "sandbox/world/groups.h"

#include <algorithm>

#include "base/ascii.h"

namespace portalkey::sandbox {

SandboxGroup* directory_group(State& state, std::string_view name_or_id) {
  if (const auto found = state.groups.find(lower(name_or_id)); found != state.groups.end()) return &found->second;
  for (auto& [id, group] : state.groups) {
    if (same_ignoring_case(group.display_name, name_or_id)) return &group;
  }
  return nullptr;
}

std::set<std::string> members_of(const State& state, const SandboxGroup& group, bool transitive) {
  std::set<std::string> found;
  std::vector<const SandboxGroup*> open{&group};
  while (!open.empty()) {
    const SandboxGroup& one = *open.back();
    open.pop_back();
    for (const auto& member : one.members) {
      const bool is_new = found.insert(member).second;
      const auto nested = state.groups.find(member);
      if (transitive && is_new && nested != state.groups.end()) open.push_back(&nested->second);
    }
  }
  return found;
}

std::vector<const SandboxGroup*> groups_with(const State& state, const std::string& object_id, bool transitive) {
  std::vector<const SandboxGroup*> found;
  for (const auto& [id, group] : state.groups) {
    if (members_of(state, group, transitive).contains(object_id)) found.push_back(&group);
  }
  return found;
}

}  // namespace portalkey::sandbox
