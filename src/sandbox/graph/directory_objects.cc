// Any object by its id, and owners.
// Source: learn.microsoft.com/graph/api/{directoryobject-getbyids,application-list-owners}.

#include <algorithm>
#include <utility>

#include "sandbox/graph/call.h"
#include "sandbox/world/replication.h"

namespace portalkey::sandbox {

const GraphShape kDirectoryObjectShape{"directoryObjects", "directoryObject"};

namespace {

constexpr std::size_t kMostIds = 1000;

json::object typed(std::string_view type, json::object object) {
  json::object out{{"@odata.type", "#microsoft.graph." + std::string(type)}};
  for (auto& item : object) out[item.key()] = std::move(item.value());
  return out;
}

HttpResponse by_ids(GraphCall& call) {
  const auto body = graph_body(call);
  if (!body) return body.error();
  const auto* ids = member(*body, "ids");
  if (ids == nullptr || !ids->is_array()) return graph_bad_request(call, "The parameter 'ids' is missing.");
  if (ids->get_array().size() > kMostIds) return graph_bad_request(call, "Too many identifiers: at most 1000.");
  std::vector<std::string> types;
  if (const auto* list = member(*body, "types"); list != nullptr && list->is_array()) {
    for (const auto& type : list->get_array()) {
      if (type.is_string()) types.push_back(lower(view(type.get_string())));
    }
  }
  json::array value;
  for (const auto& id : ids->get_array()) {
    if (!id.is_string()) continue;
    auto object = directory_object(call, lower(view(id.get_string())));
    if (!object) continue;  // unknown ids are left out
    const auto type = lower(string_member(*object, "@odata.type").value_or("")).substr(17);
    const bool wanted = types.empty() || std::ranges::find(types, type) != types.end() ||
                        std::ranges::find(types, "directoryobject") != types.end();
    if (wanted) value.push_back(std::move(*object));
  }
  return json_answer(200, {{"@odata.context", call.base() + "/$metadata#directoryObjects"}, {"value", std::move(value)}});
}

}  // namespace

std::optional<json::object> directory_object(const GraphCall& call, std::string_view object_id) {
  World& world = call.world;
  if (const auto* user = find_user_by_oid(world, object_id); user != nullptr && !user->deleted) {
    return typed("user", user_object(call, *user));
  }
  if (const auto found = world.state.groups.find(std::string(object_id)); found != world.state.groups.end())
    return typed("group", group_object(call, found->second));
  if (const auto found = world.state.service_principals.find(std::string(object_id));
      found != world.state.service_principals.end()) {
    if (!is_replicated(world, found->first, found->second.created)) return std::nullopt;
    return typed("servicePrincipal", service_principal_object(call, found->second));
  }
  const auto* app = find_app_by_object_id(world, object_id);
  if (app == nullptr || !is_replicated(world, app->object_id, app->created)) return std::nullopt;
  return typed("application", application_object(call, *app, false));
}

HttpResponse graph_directory_objects(GraphCall& call) {
  // What a caller may read of users it may read of everything here.
  const bool apps = !graph_refuses(call, GraphRight::read_apps);
  if (!apps && graph_refuses(call, GraphRight::read_users)) return graph_denied(call);
  if (call.path.size() == 1) return graph_bad_request(call, "A directory object's id is missing.");
  if (call.is("POST") && call.at(1, "getByIds")) return by_ids(call);
  if (call.is("POST") && call.path.size() > 2 && (call.at(2, "checkMemberGroups") || call.at(2, "getMemberGroups"))) {
    return json_answer(200, {{"@odata.context", call.base() + "/$metadata#Collection(Edm.String)"}, {"value", json::array()}});
  }
  auto object = directory_object(call, lower(call.path[1]));
  if (!object) return graph_not_found(call, call.path[1]);
  if (!call.is("GET") || call.path.size() > 2) {
    return graph_not_allowed(call);
  }
  return graph_entity(call, kDirectoryObjectShape, std::move(*object));
}

HttpResponse graph_owners(GraphCall& call, std::vector<std::string>& owners) {
  if (call.is("GET")) {
    std::vector<json::object> items;
    for (const auto& id : owners) {
      if (auto object = directory_object(call, id)) items.push_back(std::move(*object));
    }
    return graph_list(call, kDirectoryObjectShape, std::move(items));
  }
  if (call.is("POST") && call.path.size() == 4 && call.at(3, "$ref")) {
    const auto body = graph_body(call);
    if (!body) return body.error();
    const auto url = string_member(*body, "@odata.id").value_or("");
    const auto id = lower(url.substr(url.rfind('/') + 1));
    if (!directory_object(call, id)) return graph_not_found(call, id);
    if (std::ranges::find(owners, id) != owners.end()) {
      return graph_bad_request(
          call, "One or more added object references already exist for the following modified properties: 'owners'.");
    }
    owners.push_back(id);
  } else if (call.is("DELETE") && call.path.size() == 5 && call.at(4, "$ref")) {
    if (std::erase(owners, lower(call.path[3])) == 0) return graph_not_found(call, call.path[3]);
  } else {
    return graph_not_allowed(call);
  }
  call.world.touch();
  return graph_no_content();
}

}  // namespace portalkey::sandbox
