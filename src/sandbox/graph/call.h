#pragma once
// One call of Microsoft Graph: who calls, the shapes of its answers, and the parts that give them. Included by .cc files
// only.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct GraphCall {
  World& world;
  const HttpRequest& request;
  const SandboxCloud& cloud;
  std::string version;            ///< `v1.0` or `beta`
  std::vector<std::string> path;  ///< below the version; `applications(appId='x')` is `applications`, `appId=x`
  std::string request_id;
  AccessClaims caller;
  SandboxUser* user = nullptr;  ///< nullptr: an app calls
  bool counts = false;          ///< `/$count` behind a collection: how many, as a text

  bool is(std::string_view method) const { return request.method == method; }
  /// Whether there is such a segment, in any letter case.
  bool at(std::size_t index, std::string_view name) const {
    return index < path.size() && same_ignoring_case(path[index], name);
  }
  std::string base() const { return "https://" + request.host + '/' + version; }
};

HttpResponse graph_error(const GraphCall& call, int status, std::string_view code, std::string_view message);
HttpResponse graph_bad_request(const GraphCall& call, std::string_view message);
HttpResponse graph_not_found(const GraphCall& call, std::string_view id);
HttpResponse graph_denied(const GraphCall& call);
HttpResponse graph_conflict(const GraphCall& call, std::string_view message);
HttpResponse graph_not_allowed(const GraphCall& call);  ///< 405
HttpResponse graph_no_content();
/// 400 for a path that does not exist.
HttpResponse graph_no_segment(const GraphCall& call, std::string_view name);

/// What a collection's answers have in common.
struct GraphShape {
  std::string_view context;  ///< `applications`
  std::string_view type;     ///< `application`
  /// Sent without `$select`; empty: all.
  std::vector<std::string> usual = {};
  bool mixed = false;  ///< objects of several types: what is selected need not be a property of each
};

/// One object, with `$select`. `status` 201 adds the Location of a created one.
HttpResponse graph_entity(const GraphCall& call, const GraphShape& shape, json::object item, int status = 200);
/// A page of objects, with `$filter`, `$search`, `$select`, `$top`, `$count` and `@odata.nextLink`. They are sorted by `id`.
/// `others`: how many more there are that this page cannot have.
HttpResponse graph_list(const GraphCall& call, const GraphShape& shape, std::vector<json::object> items,
                        std::size_t others = 0);

/// Whether `$select` names that property.
bool graph_selects(const GraphCall& call, std::string_view name);

/// What is asked of a caller: the permissions in the token, and for a user the directory role too.
enum class GraphRight {
  read_apps,
  create_app,
  write_app,
  assign_role,
  assign_graph_role,
  grant_scope,
  read_users,
  read_groups,
  read_self
};
/// nullopt if the caller may. `owners`: of the app that is written to.
std::optional<HttpResponse> graph_refuses(const GraphCall& call, GraphRight right, const std::vector<std::string>& owners = {});
/// Whether the token has one of these permissions: `scp` of a user's, `roles` of an app's.
bool graph_has_permission(const GraphCall& call, std::initializer_list<std::string_view> names);
/// Whether the calling user has one of these directory roles; an app needs none.
bool graph_has_role(const GraphCall& call, std::initializer_list<std::string_view> roles);
/// The object id of the caller if it should own what it creates: apps, and users without an administrator's role.
std::vector<std::string> graph_owner(const GraphCall& call);

/// A JSON object in the body, or the answer that refuses it.
std::expected<json::object, HttpResponse> graph_body(const GraphCall& call);

/// `2026-01-01T00:00:00Z`; null for 0.
json::value graph_time(std::int64_t unix_seconds);

// The parts. Each gets the calls whose first segment is its own.
HttpResponse graph_applications(GraphCall& call);
HttpResponse graph_service_principals(GraphCall& call);
HttpResponse graph_permission_grants(GraphCall& call);
HttpResponse graph_users(GraphCall& call);  ///< also `me`
HttpResponse graph_organization(GraphCall& call);
HttpResponse graph_directory_roles(GraphCall& call);
HttpResponse graph_directory_objects(GraphCall& call);
HttpResponse graph_groups(GraphCall& call);
HttpResponse graph_directory(GraphCall& call);  ///< `directory`: the inventory of hardware OATH devices
HttpResponse graph_policies(GraphCall& call);   ///< `policies`: the hardware OATH method's
/// `users/{id}/authentication…` and `me/authentication…`; `path[first]` is `authentication`. `user` is nullptr if there is
/// no such user.
HttpResponse graph_authentication(GraphCall& call, SandboxUser* user, std::size_t first);
/// Likewise, where `methods` follows.
HttpResponse graph_user_methods(GraphCall& call, SandboxUser* user, std::size_t first);
/// `servicePrincipals/{id}/appRoleAssignedTo`, `…/appRoleAssignments` and the same of users; `path[2]` is either.
HttpResponse graph_role_assignments(GraphCall& call, const std::string& object_id);
/// Whose credentials are written to: an app's, or its service principal's own.
struct CredentialOwner {
  std::string_view type;  ///< `Application`, `ServicePrincipal`
  const std::string& object_id;
  const std::vector<std::string>& owners;
  std::vector<PasswordCredential>& passwords;
  std::vector<KeyCredential>& keys;
};
/// `addPassword`, `removePassword`, `addKey`, `removeKey`; nullopt if it is none of them.
std::optional<HttpResponse> graph_credentials(GraphCall& call, CredentialOwner owner, std::string_view action);
HttpResponse graph_userinfo(GraphCall& call);  ///< `/oidc/userinfo`, which has no version
/// `applications/{id}/federatedIdentityCredentials…`
HttpResponse graph_federated(GraphCall& call, SandboxApp& app);
/// `owners`, of apps and service principals: `path[2]`.
HttpResponse graph_owners(GraphCall& call, std::vector<std::string>& owners);

// Objects as they are sent.
json::object application_object(const GraphCall& call, const SandboxApp& app, bool with_keys);
json::object service_principal_object(const GraphCall& call, const ServicePrincipal& principal);
json::object user_object(const GraphCall& call, const SandboxUser& user);
json::object group_object(const GraphCall& call, const SandboxGroup& group);
/// The address of a user; of an invited one the address it was invited by.
std::string mail_of(const SandboxUser& user);
/// With `@odata.type`; nullopt if there is no such object.
std::optional<json::object> directory_object(const GraphCall& call, std::string_view object_id);
/// The user of that object id or UPN; nullptr if there is none.
SandboxUser* graph_user(GraphCall& call, std::string_view key);
/// Directory roles, as groups that a user is a member of.
std::vector<json::object> role_objects(const GraphCall& call, const SandboxUser& user);

extern const GraphShape kApplicationShape, kServicePrincipalShape, kUserShape, kDirectoryObjectShape;

json::array password_objects(const std::vector<PasswordCredential>& passwords);
json::array key_objects(const std::vector<KeyCredential>& keys, bool with_keys);
/// Replaces keys by what a PATCH or POST says. The message of a 400 if it is no good. `type`: see CredentialOwner.
std::string take_keys(World& world, const json::value& list, std::string_view type, std::vector<KeyCredential>& keys);
/// Leaves out the secrets that a PATCH leaves out. False if it names one that is not there: addPassword makes them.
bool keep_passwords(const json::array& list, std::vector<PasswordCredential>& passwords);

SandboxApp* find_app_by_object_id(World& world, std::string_view object_id);
/// The principal behind `{id}` or `appId={client id}`; nullptr if there is none, or none yet.
ServicePrincipal* graph_principal(GraphCall& call, std::string_view key);
/// Forgets the grants that name an object.
void forget_grants(State& state, std::string_view object_id);

}  // namespace portalkey::sandbox
