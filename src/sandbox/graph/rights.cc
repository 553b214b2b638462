// Who may do what. A token needs one of the permissions; a user needs a directory role besides, unless the tenant's
// defaults let every member do it (read the directory, register an app and look after one's own).
// Source: learn.microsoft.com/graph/permissions-reference, entra/fundamentals/users-default-permissions.

#include <algorithm>

#include "sandbox/graph/call.h"

namespace portalkey::sandbox {
namespace {

using Names = std::vector<std::string_view>;

const Names kReadApps = {
    "Application.Read.All",    "Application.ReadWrite.All",  "Application.ReadWrite.OwnedBy",         "Directory.Read.All",
    "Directory.ReadWrite.All", "Directory.AccessAsUser.All", "DelegatedPermissionGrant.ReadWrite.All"};
const Names kWriteApps = {"Application.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"};
const Names kAssignRoles = {"AppRoleAssignment.ReadWrite.All", "Directory.AccessAsUser.All"};
const Names kGrantScopes = {"DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"};
const Names kReadUsers = {
    "User.Read.All",           "User.ReadBasic.All",         "User.ReadWrite.All",           "Directory.Read.All",
    "Directory.ReadWrite.All", "Directory.AccessAsUser.All", "RoleManagement.Read.Directory"};
const Names kReadGroups = {"GroupMember.Read.All",      "GroupMember.ReadWrite.All", "Group.Read.All",
                           "Group.ReadWrite.All",       "Directory.Read.All",        "Directory.ReadWrite.All",
                           "Directory.AccessAsUser.All"};
const Names kReadSelf = {"User.Read", "User.ReadWrite"};

const Names kAppAdministrators = {kGlobalAdministrator, "Application Administrator", "Cloud Application Administrator"};
const Names kConsenters = {kGlobalAdministrator, "Privileged Role Administrator", "Application Administrator",
                           "Cloud Application Administrator"};
const Names kGraphConsenters = {kGlobalAdministrator, "Privileged Role Administrator"};

template <class List>
bool has_permission(const GraphCall& call, const List& names) {
  return std::ranges::any_of(names, [&](std::string_view name) {
    if (call.user == nullptr) return std::ranges::find(call.caller.roles, name) != call.caller.roles.end();
    const std::string scopes = ' ' + call.caller.scp + ' ';
    return scopes.find(' ' + std::string(name) + ' ') != std::string::npos;
  });
}

template <class List>
bool has_any_role(const SandboxUser& user, const List& roles) {
  return std::ranges::any_of(roles, [&](std::string_view role) { return has_role(user, role); });
}

bool may_write(const GraphCall& call, bool owns) {
  if (call.user == nullptr)
    return has_permission(call, kWriteApps) || (owns && has_permission(call, Names{"Application.ReadWrite.OwnedBy"}));
  return has_permission(call, kWriteApps) && (owns || has_any_role(*call.user, kAppAdministrators));
}

bool may(const GraphCall& call, GraphRight right, bool owns) {
  const bool app = call.user == nullptr;
  const bool member = app || !call.user->guest;
  const auto role = [&](const Names& names) { return app || has_any_role(*call.user, names); };
  switch (right) {
    case GraphRight::read_apps: return member && has_permission(call, kReadApps);
    case GraphRight::create_app: return member && may_write(call, true);
    case GraphRight::write_app: return may_write(call, owns);
    case GraphRight::assign_role: return has_permission(call, kAssignRoles) && (owns || role(kConsenters));
    case GraphRight::assign_graph_role: return has_permission(call, kAssignRoles) && role(kGraphConsenters);
    case GraphRight::grant_scope: return has_permission(call, kGrantScopes) && role(kConsenters);
    case GraphRight::read_users: return member && has_permission(call, kReadUsers);
    case GraphRight::read_groups: return member && has_permission(call, kReadGroups);
    case GraphRight::read_self: return !app && (has_permission(call, kReadSelf) || has_permission(call, kReadUsers));
  }
  return false;
}

}  // namespace

std::optional<HttpResponse> graph_refuses(const GraphCall& call, GraphRight right, const std::vector<std::string>& owners) {
  const bool owns = std::ranges::find(owners, call.caller.oid) != owners.end();
  if (may(call, right, owns)) return std::nullopt;
  return graph_denied(call);
}

bool graph_has_permission(const GraphCall& call, std::initializer_list<std::string_view> names) {
  return has_permission(call, names);
}

bool graph_has_role(const GraphCall& call, std::initializer_list<std::string_view> roles) {
  return call.user == nullptr || has_any_role(*call.user, roles);
}

std::vector<std::string> graph_owner(const GraphCall& call) {
  if (call.caller.oid.empty() || (call.user != nullptr && has_any_role(*call.user, kAppAdministrators))) return {};
  return {call.caller.oid};
}

}  // namespace portalkey::sandbox
