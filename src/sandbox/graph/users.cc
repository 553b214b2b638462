// Users, the caller among them, and the directory roles they have.
// Source: learn.microsoft.com/graph/api/resources/{user,directoryrole}, user-list-transitivememberof.

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "sandbox/graph/call.h"
#include "sandbox/graph/odata.h"
#include "sandbox/wire/json_fields.h"
#include "sandbox/world/directory_roles.h"
#include "sandbox/world/groups.h"

namespace portalkey::sandbox {

const GraphShape kUserShape{"users",
                            "user",
                            {"businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
                             "preferredLanguage", "surname", "userPrincipalName", "id"}};

namespace {

/// Whom a filter names (by `eq` or `in`) must exist before the list is looked through, in a tenant where everybody exists. If
/// it asks for nothing but names or ids, returns them: in a large tenant nobody else need be looked at.
std::optional<std::vector<SandboxUser*>> named_users(GraphCall& call) {
  const std::string filter(call.request.parameter("$filter").value_or(""));
  std::vector<SandboxUser*> named;
  std::string around;
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] != '\'') {
      if (filter[i] != ' ' && filter[i] != ',') around += to_lower(filter[i]);
      continue;
    }
    std::string text;
    for (++i; i < filter.size(); ++i) {
      if (filter[i] == '\'') {
        if (i + 1 >= filter.size() || filter[i + 1] != '\'') break;
        ++i;
      }
      text += filter[i];
    }
    SandboxUser* user = is_guid(text)        ? find_user_by_oid(call.world, lower(text))
                        : text.contains('@') ? find_user(call.world, text)
                                             : nullptr;
    if (user != nullptr && std::ranges::find(named, user) == named.end()) named.push_back(user);
  }
  if (around != "userprincipalnamein()" && around != "userprincipalnameeq" && around != "idin()" && around != "ideq")
    return std::nullopt;
  return named;
}

/// Everybody; without a filter only whom the next page can have, and `others` counts the rest.
std::vector<json::object> listed_users(const GraphCall& call, std::size_t& others) {
  constexpr std::size_t kMostPerPage = 999;
  const World& world = call.world;
  std::vector<json::object> items;
  for (const auto& [key, user] : world.state.users) {
    if (!user.deleted) items.push_back(user_object(call, user));
  }
  const auto parameter = [&](std::string_view name) { return std::string(call.request.parameter(name).value_or("")); };
  const bool all = !parameter("$filter").empty() || !parameter("$search").empty();
  const auto last = decode_base64url(parameter("$skiptoken"));
  // Those in `state` are among them, too: as many more are needed to fill a page.
  const auto numbers = world.generated.after(all ? "" : last.value_or(""),
                                             all ? world.generated.count() : kMostPerPage + 1 + world.state.users.size());
  std::size_t added = 0;
  for (const auto number : numbers) {
    const auto user = world.generated.user(number);
    if (world.state.users.contains(user.upn)) continue;
    items.push_back(user_object(call, user));
    ++added;
  }
  const auto kept = static_cast<std::size_t>(std::ranges::count_if(
      world.state.users, [&](const auto& entry) { return world.generated.by_upn(entry.first).has_value(); }));
  others = world.generated.count() - kept - added;
  return items;
}

json::object role_object(const World& world, const DirectoryRole& role) {
  return {{"@odata.type", "#microsoft.graph.directoryRole"},
          {"id", stable_guid(world.options.seed, "directory role " + std::string(role.template_id))},
          {"deletedDateTime", nullptr},
          {"description", role.name},
          {"displayName", role.name},
          {"roleTemplateId", role.template_id}};
}

/// Directory roles and groups; a cast leaves one kind.
HttpResponse member_of(GraphCall& call, SandboxUser& user, std::size_t first) {
  const bool cast = call.path.size() > first + 1 && !call.at(first + 1, "$count");
  std::vector<json::object> items;
  if (!cast || call.at(first + 1, "microsoft.graph.directoryRole")) items = role_objects(call, user);
  if (!cast || call.at(first + 1, "microsoft.graph.group")) {
    for (const auto* group : groups_with(call.world.state, user.oid, call.at(first, "transitiveMemberOf")))
      items.push_back(*directory_object(call, group->id));
  }
  if (call.at(call.path.size() - 1, "$count")) return text_answer(200, "text/plain", std::to_string(items.size()));
  const bool groups = call.at(first + 1, "microsoft.graph.group");
  return graph_list(call,
                    {!cast    ? std::string_view("directoryObjects")
                     : groups ? "groups"
                              : "directoryRoles",
                     !cast    ? std::string_view("directoryObject")
                     : groups ? "group"
                              : "directoryRole",
                     {},
                     !cast},
                    std::move(items));
}

/// What is below a user; `path` begins after `me` or `users/{id}`.
HttpResponse below(GraphCall& call, SandboxUser& user, std::size_t first) {
  const auto name = call.path[first];
  const auto is = [&](std::string_view wanted) { return same_ignoring_case(name, wanted); };
  if (call.is("GET") && (is("memberOf") || is("transitiveMemberOf"))) return member_of(call, user, first);
  if (call.is("GET") && (is("ownedObjects") || is("createdObjects"))) {
    std::vector<json::object> items;
    const auto owns = [&](const auto& thing) { return std::ranges::find(thing.owners, user.oid) != thing.owners.end(); };
    for (const auto& [id, app] : call.world.state.apps) {
      if (owns(app)) items.push_back(*directory_object(call, app.object_id));
    }
    for (const auto& [id, principal] : call.world.state.service_principals) {
      if (owns(principal)) items.push_back(*directory_object(call, id));
    }
    return graph_list(call, kDirectoryObjectShape, std::move(items));
  }
  if (call.is("POST") && (is("getMemberGroups") || is("checkMemberGroups") || is("getMemberObjects"))) {
    json::array ids;
    const auto body = parse_json_object(call.request.body).value_or(json::object());
    std::vector<std::string> asked;
    read(body, "groupIds", asked);
    for (const auto* group : groups_with(call.world.state, user.oid, true)) {
      if (!is("checkMemberGroups") || std::ranges::find(asked, group->id) != asked.end()) ids.emplace_back(group->id);
    }
    if (is("getMemberObjects") && !bool_member(body, "securityEnabledOnly").value_or(false)) {
      for (const auto& role : role_objects(call, user)) ids.push_back(role.at("id"));
    }
    return json_answer(200, {{"@odata.context", call.base() + "/$metadata#Collection(Edm.String)"}, {"value", std::move(ids)}});
  }
  if (is("appRoleAssignments")) return graph_role_assignments(call, user.oid);
  if (call.is("GET") && is("oauth2PermissionGrants")) return graph_permission_grants(call);
  return graph_no_segment(call, name);
}

}  // namespace

SandboxUser* graph_user(GraphCall& call, std::string_view key) {
  SandboxUser* user = is_guid(key) ? find_user_by_oid(call.world, lower(key)) : find_user(call.world, key);
  return user != nullptr && !user->deleted ? user : nullptr;
}

std::string mail_of(const SandboxUser& user) {
  // An invited account's name is made of the address it was invited by: `anna_fabrikam.com#EXT#@…`.
  const auto mark = lower(user.upn).find("#ext#");
  if (mark == std::string::npos) return user.upn;
  std::string mail = user.upn.substr(0, mark);
  if (const auto at = mail.rfind('_'); at != std::string::npos) mail[at] = '@';
  return mail;
}

json::object user_object(const GraphCall& call, const SandboxUser& user) {
  const auto space = user.display_name.find(' ');
  const bool two_names = space != std::string::npos;
  return {{"id", user.oid},
          {"deletedDateTime", nullptr},
          {"accountEnabled", !user.disabled},
          {"businessPhones", json::array()},
          {"createdDateTime", "2025-01-01T00:00:00Z"},
          {"creationType", user.guest ? json::value("Invitation") : json::value(nullptr)},
          {"displayName", user.display_name},
          {"externalUserState", user.guest ? json::value("Accepted") : json::value(nullptr)},
          {"givenName", two_names ? json::value(user.display_name.substr(0, space)) : json::value(nullptr)},
          {"jobTitle", nullptr},
          {"mail", mail_of(user)},
          {"mailNickname", user.upn.substr(0, user.upn.find('@'))},
          {"mobilePhone", nullptr},
          {"officeLocation", nullptr},
          {"onPremisesSyncEnabled", nullptr},
          {"preferredLanguage", nullptr},
          {"signInSessionsValidFromDateTime", graph_time(user.revoked_at == 0 ? 1735689600 : user.revoked_at)},
          {"surname", two_names ? json::value(user.display_name.substr(space + 1)) : json::value(nullptr)},
          {"tenantId", call.world.state.tenant_id},
          {"usageLocation", nullptr},
          {"userPrincipalName", user.upn},
          {"userType", user.guest ? "Guest" : "Member"}};
}

std::vector<json::object> role_objects(const GraphCall& call, const SandboxUser& user) {
  std::vector<json::object> out;
  for (const auto& role : kDirectoryRoles) {
    if (has_role(user, role.name)) out.push_back(role_object(call.world, role));
  }
  return out;
}

HttpResponse graph_users(GraphCall& call) {
  if (call.at(0, "me")) {
    if (call.user == nullptr) {
      return graph_error(call, 400, "BadRequest", "/me request is only valid with delegated authentication flow.");
    }
    if (call.at(1, "authentication")) return graph_authentication(call, call.user, 1);
    if (auto refused = graph_refuses(call, GraphRight::read_self)) return *refused;
    if (call.path.size() > 1) return below(call, *call.user, 1);
    if (!call.is("GET"))
      return graph_error(call, 405, "Request_BadRequest", "The sandbox does not change users through Graph.");
    return graph_entity(call, kUserShape, user_object(call, *call.user));
  }
  if (call.at(2, "authentication")) return graph_authentication(call, graph_user(call, call.path[1]), 2);
  const bool self = call.path.size() > 1 && call.user != nullptr &&
                    (same_ignoring_case(call.path[1], call.user->oid) || same_ignoring_case(call.path[1], call.user->upn));
  if (auto refused = graph_refuses(call, self ? GraphRight::read_self : GraphRight::read_users)) return *refused;
  if (call.path.size() > 1) {
    SandboxUser* user = graph_user(call, call.path[1]);
    if (user == nullptr) return graph_not_found(call, call.path[1]);
    if (call.path.size() > 2) return below(call, *user, 2);
    if (call.is("GET")) return graph_entity(call, kUserShape, user_object(call, *user));
  }
  if (!call.is("GET")) return graph_error(call, 405, "Request_BadRequest", "The sandbox does not change users through Graph.");
  if (const auto named = named_users(call)) {
    std::vector<json::object> items;
    for (const auto* user : *named) {
      if (!user->deleted) items.push_back(user_object(call, *user));
    }
    return graph_list(call, kUserShape, std::move(items));
  }
  std::size_t others = 0;
  auto items = listed_users(call, others);
  return graph_list(call, kUserShape, std::move(items), others);
}

HttpResponse graph_directory_roles(GraphCall& call) {
  if (auto refused = graph_refuses(call, GraphRight::read_users)) return *refused;
  if (!call.is("GET"))
    return graph_error(call, 405, "Request_BadRequest", "The sandbox does not change roles through Graph: see its admin API.");
  const GraphShape shape{"directoryRoles", "directoryRole"};
  if (call.path.size() == 1) {
    std::vector<json::object> items;
    for (const auto& role : kDirectoryRoles) items.push_back(role_object(call.world, role));
    return graph_list(call, shape, std::move(items));
  }
  auto key = lower(call.path[1]);
  if (key.starts_with("roletemplateid=")) key.erase(0, 15);
  for (const auto& role : kDirectoryRoles) {
    const auto object = role_object(call.world, role);
    if (key != role.template_id && key != view(object.at("id").get_string())) continue;
    if (call.path.size() == 2) return graph_entity(call, shape, object);
    if (!call.at(2, "members")) break;
    std::vector<json::object> items;
    for (const auto& [upn, user] : call.world.state.users) {
      if (!user.deleted && has_role(user, role.name)) items.push_back(*directory_object(call, user.oid));
    }
    return graph_list(call, kDirectoryObjectShape, std::move(items));
  }
  return graph_not_found(call, call.path[1]);
}

HttpResponse graph_organization(GraphCall& call) {
  if (call.user != nullptr ? graph_refuses(call, GraphRight::read_self).has_value()
                           : graph_refuses(call, GraphRight::read_users).has_value()) {
    return graph_denied(call);
  }
  const GraphShape shape{"organization", "organization"};
  const auto domain = [](std::string_view name, bool initial) {
    return json::object{{"capabilities", "Email, OfficeCommunicationsOnline"},
                        {"isDefault", !initial},
                        {"isInitial", initial},
                        {"name", name},
                        {"type", "Managed"}};
  };
  json::object item{{"id", call.world.state.tenant_id},
                    {"deletedDateTime", nullptr},
                    {"countryLetterCode", "DE"},
                    {"createdDateTime", "2025-01-01T00:00:00Z"},
                    {"displayName", "Contoso"},
                    {"onPremisesSyncEnabled", nullptr},
                    {"preferredLanguage", "en"},
                    {"technicalNotificationMails", json::array{json::value(kAdminAccount)}},
                    {"tenantType", "AAD"},
                    {"verifiedDomains", json::array{domain(kDomain, false), domain(kInitialDomain, true)}}};
  if (!call.is("GET")) return graph_denied(call);
  if (call.path.size() == 1) return graph_list(call, shape, {std::move(item)});
  if (call.path[1] != call.world.state.tenant_id) return graph_not_found(call, call.path[1]);
  return graph_entity(call, shape, std::move(item));
}

}  // namespace portalkey::sandbox
