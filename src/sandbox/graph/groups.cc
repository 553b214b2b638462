// Groups and who is in them. They are made and changed over the admin API.
// Source: learn.microsoft.com/graph/api/{group-list,group-list-members,group-list-transitivemembers}.

#include <utility>

#include "sandbox/graph/call.h"
#include "sandbox/world/groups.h"

namespace portalkey::sandbox {
namespace {

const GraphShape kGroupShape{"groups", "group"};
/// Users and groups: not each has what is selected.
const GraphShape kMembersShape{"directoryObjects", "directoryObject", {}, true};

/// A caller who may not read users sees that somebody is there: type and id, and everything else null.
json::object limited(json::object object) {
  for (auto& item : object) {
    if (item.key() != "@odata.type" && item.key() != "id") item.value() = nullptr;
  }
  return object;
}

HttpResponse members(GraphCall& call, const SandboxGroup& group, bool transitive) {
  std::string_view kind;
  if (call.path.size() > 3) {  // an OData cast
    if (!call.at(3, "microsoft.graph.user") && !call.at(3, "microsoft.graph.group"))
      return graph_error(call, 400, "Request_UnsupportedQuery", "The sandbox casts members to users and groups.");
    const bool counted = call.counts || call.request.parameter("$count") == "true";
    if (!same_ignoring_case(call.request.header("consistencylevel"), "eventual") || !counted)
      return graph_error(call, 400, "Request_UnsupportedQuery",
                         "OData cast needs the header 'ConsistencyLevel:eventual' and '$count=true'.");
    kind = call.at(3, "microsoft.graph.user") ? "#microsoft.graph.user" : "#microsoft.graph.group";
  }
  const bool sees_users = !graph_refuses(call, GraphRight::read_users);
  std::vector<json::object> items;
  for (const auto& id : members_of(call.world.state, group, transitive)) {
    auto object = directory_object(call, id);
    if (!object) continue;  // deleted since
    const auto type = string_member(*object, "@odata.type").value_or("");
    if (!kind.empty() && type != kind) continue;
    items.push_back(type == "#microsoft.graph.user" && !sees_users ? limited(std::move(*object)) : std::move(*object));
  }
  return graph_list(call, kMembersShape, std::move(items));
}

}  // namespace

json::object group_object(const GraphCall& call, const SandboxGroup& group) {
  return {{"id", group.id},
          {"deletedDateTime", nullptr},
          {"createdDateTime", "2025-01-01T00:00:00Z"},
          {"description", nullptr},
          {"displayName", group.display_name},
          {"groupTypes", json::array()},
          {"mail", nullptr},
          {"mailEnabled", false},
          {"mailNickname", stable_guid(call.world.options.seed, "nickname of " + group.id).substr(0, 10)},
          {"onPremisesSyncEnabled", nullptr},
          {"securityEnabled", true},
          {"visibility", nullptr}};
}

HttpResponse graph_groups(GraphCall& call) {
  if (auto refused = graph_refuses(call, GraphRight::read_groups)) return *refused;
  if (!call.is("GET"))
    return graph_error(call, 405, "Request_BadRequest", "The sandbox does not change groups through Graph: see its admin API.");
  if (call.path.size() == 1) {
    std::vector<json::object> items;
    for (const auto& [id, group] : call.world.state.groups) items.push_back(group_object(call, group));
    return graph_list(call, kGroupShape, std::move(items));
  }
  const auto found = call.world.state.groups.find(lower(call.path[1]));
  if (found == call.world.state.groups.end()) return graph_not_found(call, call.path[1]);
  if (call.path.size() == 2) return graph_entity(call, kGroupShape, group_object(call, found->second));
  const bool direct = call.at(2, "members");
  if (call.path.size() > 4 || (!direct && !call.at(2, "transitiveMembers"))) return graph_no_segment(call, call.path[2]);
  return members(call, found->second, !direct);
}

}  // namespace portalkey::sandbox
