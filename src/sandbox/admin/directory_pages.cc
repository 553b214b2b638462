#include "sandbox/admin/directory_pages.h"

#include <algorithm>

#include "sandbox/wire/json_fields.h"
#include "sandbox/world/groups.h"
#include "sandbox/world/user_methods.h"

namespace portalkey::sandbox {
namespace {

HttpResponse refused(int status, std::string_view what) { return json_answer(status, {{"error", what}}); }

json::object shown_user(const SandboxUser& user) {
  return {{"upn", user.upn},
          {"oid", user.oid},
          {"displayName", user.display_name},
          {"roles", json::value_from(user.roles)},
          {"guest", user.guest},
          {"disabled", user.disabled},
          {"deleted", user.deleted},
          {"methods", json::value_from(user.methods)}};
}

json::object shown_group(World& world, const SandboxGroup& group) {
  json::array members;
  for (const auto& id : group.members) {
    const auto nested = world.state.groups.find(id);
    const auto* user = nested == world.state.groups.end() ? find_user_by_oid(world, id) : nullptr;
    members.emplace_back(user != nullptr ? user->upn : nested != world.state.groups.end() ? nested->second.display_name : id);
  }
  return {{"id", group.id}, {"displayName", group.display_name}, {"members", std::move(members)}};
}

/// A list of texts replaces what is there.
void take_list(const json::object& body, std::string_view name, std::vector<std::string>& to) {
  const auto* list = member(body, name);
  if (list == nullptr || !list->is_array()) return;
  to.clear();
  read(body, name, to);
}

}  // namespace

HttpResponse users_page(const World& world) {
  json::array users;
  for (const auto& [key, user] : world.state.users) users.push_back(shown_user(user));
  return json_answer(200, {{"users", std::move(users)}});
}

HttpResponse change_user(World& world, const json::object& body) {
  const auto upn = string_member(body, "upn");
  if (!upn || upn->find('@') == std::string::npos) return refused(400, "give upn");
  std::vector<std::string> methods;
  read(body, "methods", methods);
  for (const auto& method : methods) {
    if (std::ranges::find(kUserMethods, method) != kUserMethods.end()) continue;
    std::string names;
    for (const auto name : kUserMethods) names += (names.empty() ? "" : ", ") + std::string(name);
    return refused(400, "methods are among " + names);
  }
  SandboxUser& user = make_user(world.state, world.options, *upn);
  user.disabled = bool_member(body, "disabled").value_or(user.disabled);
  user.deleted = bool_member(body, "deleted").value_or(user.deleted);
  user.guest = bool_member(body, "guest").value_or(user.guest);
  if (auto name = string_member(body, "displayName")) user.display_name = std::move(*name);
  take_list(body, "roles", user.roles);
  take_list(body, "methods", user.methods);
  world.touch();
  return json_answer(200, shown_user(user));
}

HttpResponse groups_page(World& world) {
  json::array groups;
  for (const auto& [id, group] : world.state.groups) groups.push_back(shown_group(world, group));
  return json_answer(200, {{"groups", std::move(groups)}});
}

HttpResponse change_group(World& world, const json::object& body) {
  const auto name = string_member(body, "displayName");
  if (!name || name->empty()) return refused(400, "give displayName");
  SandboxGroup* group = directory_group(world.state, *name);
  if (bool_member(body, "deleted").value_or(false)) {
    if (group == nullptr) return refused(404, "there is no such group");
    const std::string id = group->id;
    world.state.groups.erase(id);
    for (auto& [other, one] : world.state.groups) std::erase(one.members, id);
    world.touch();
    return json_answer(200, {{"ok", true}});
  }
  std::vector<std::string> names, members;
  read(body, "members", names);
  for (const auto& one : names) {
    const SandboxUser* user = one.find('@') == std::string::npos ? nullptr : find_user(world, one);
    const SandboxGroup* nested = user == nullptr ? directory_group(world.state, one) : nullptr;
    if (user == nullptr && nested == nullptr) return refused(404, "there is no user or group " + one);
    members.push_back(user != nullptr ? user->oid : nested->id);
  }
  // A second group of a name is one of the directory's possibilities.
  if (group == nullptr || bool_member(body, "another").value_or(false)) {
    const auto id = stable_guid(world.options.seed, "group " + std::to_string(world.state.groups.size()) + ' ' + *name);
    group = &world.state.groups[id];
    group->id = id;
    group->display_name = *name;
  }
  if (member(body, "members") != nullptr) group->members = std::move(members);
  world.touch();
  return json_answer(200, shown_group(world, *group));
}

}  // namespace portalkey::sandbox
