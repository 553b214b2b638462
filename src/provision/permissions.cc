#include "provision/permissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/graph.h"
#include "base/ascii.h"
#include "base/crash_point.h"
#include "base/percent_encoding.h"
#include "provision/patience.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::string_view kGraphApp = "00000003-0000-0000-c000-000000000000";  // the same in every tenant
constexpr std::string_view kPermissions[] = {"Policy.ReadWrite.AuthenticationMethod", "User.Read.All",
                                             "UserAuthenticationMethod.ReadWrite.All"};

const json::array& items_at(const json::value& value, std::string_view name) {
  static const json::array none;
  const auto* list = find_at(value, {name});
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

const ActualGrant* grant_of(const Actual& actual, std::string_view role_id) {
  const auto found = std::ranges::find_if(actual.graph.grants, [&](const ActualGrant& one) {
    return same_ignoring_case(one.resource, actual.graph.principal) && same_ignoring_case(one.role, role_id);
  });
  return found == actual.graph.grants.end() ? nullptr : &*found;
}

bool is_declared(const Actual& actual, std::string_view role_id) {
  return std::ranges::any_of(actual.graph.declared, [&](const std::string& one) { return same_ignoring_case(one, role_id); });
}

/// The app's list with ours added; the PATCH replaces it.
json::array declared_with_ours(const Actual& actual) {
  auto all = json::parse(actual.graph.declared_json).as_array();
  auto graph = std::ranges::find_if(all, [](const json::value& one) { return text_at(one, {"resourceAppId"}) == kGraphApp; });
  if (graph == all.end() || find_at(*graph, {"resourceAccess"}) == nullptr ||
      !find_at(*graph, {"resourceAccess"})->is_array()) {
    if (graph != all.end()) all.erase(graph);
    all.push_back(json::object{{"resourceAppId", kGraphApp}, {"resourceAccess", json::array()}});
    graph = all.end() - 1;
  }
  auto& access = graph->get_object().at("resourceAccess").get_array();
  for (const auto& [name, id] : actual.graph.roles) {
    if (!is_declared(actual, id)) access.push_back(json::object{{"id", id}, {"type", "Role"}});
  }
  return all;
}

}  // namespace

std::span<const std::string_view> oath_permissions() { return kPermissions; }

Result<void> read_permissions(const Azure& azure, const Desired& desired, Actual& actual) {
  actual.graph = {};
  if (!desired.graph) return {};
  const Graph graph(azure);
  auto found = graph.list(
      "/servicePrincipals?$filter=" + percent_encode(fmt::format("appId eq '{}'", kGraphApp)) + "&$select=id,appId,appRoles",
      "look for Microsoft Graph's service principal");
  if (!found) return pass(found);
  if (found->empty()) return {};
  actual.graph.principal = raw_text_at(found->front(), {"id"});
  if (auto fine = check_plain_id(actual.graph.principal, "the id of Microsoft Graph's service principal"); !fine) return fine;
  for (const auto& role : items_at(found->front(), "appRoles")) {
    const auto value = text_at(role, {"value"});
    if (std::ranges::find(kPermissions, value) == std::end(kPermissions)) continue;
    auto id = raw_text_at(role, {"id"});
    if (auto fine = check_plain_id(id, "Microsoft Graph's id of a permission"); !fine) return fine;
    actual.graph.roles[value] = std::move(id);
  }
  if (!actual.app) return {};
  auto app = graph.call("GET", fmt::format("/applications/{}?$select=id,requiredResourceAccess", actual.app->object_id));
  if (!app) return pass(app);
  if (app->ok()) {  // 404: too new for this replica
    actual.graph.declared_json = json::serialize(items_at(app->json, "requiredResourceAccess"));
    for (const auto& resource : items_at(app->json, "requiredResourceAccess")) {
      if (text_at(resource, {"resourceAppId"}) != kGraphApp) continue;
      for (const auto& one : items_at(resource, "resourceAccess")) {
        if (text_at(one, {"type"}) == "Role") actual.graph.declared.push_back(text_at(one, {"id"}));
      }
    }
  } else if (app->status != 404) {
    return std::unexpected(explain(*app, "read which permissions the app asks for"));
  }
  if (actual.principal.empty()) return {};
  auto grants =
      graph.list(fmt::format("/servicePrincipals/{}/appRoleAssignments", actual.principal), "list the app's permissions");
  if (!grants && grants.error().code == Errc::not_found) return {};  // a new service principal, on another replica
  if (!grants) return pass(grants);
  for (const auto& item : *grants)
    actual.graph.grants.push_back(
        {raw_text_at(item, {"id"}), raw_text_at(item, {"resourceId"}), raw_text_at(item, {"appRoleId"})});
  return {};
}

Step plan_permissions(const Actual& actual) {
  Step step{Part::permissions, "permissions in Microsoft Graph", Step::State::exists, {}, "granted, with admin consent"};
  for (const auto name : kPermissions) {
    const auto role = actual.graph.roles.find(std::string(name));
    if (role == actual.graph.roles.end()) {
      step.state = Step::State::cannot;
      step.why = fmt::format("Microsoft Graph offers no application permission {} in this tenant", name);
      return step;
    }
    if (grant_of(actual, role->second) == nullptr) {
      step.changes.push_back({"application permission", "", std::string(name)});
    } else if (!is_declared(actual, role->second)) {
      step.changes.push_back({"listed at the app registration", "", std::string(name)});
    }
  }
  if (step.changes.empty()) return step;
  step.state = Step::State::create;
  step.why = "the app manages hardware OATH tokens with them; they take admin consent";
  return step;
}

Result<void> apply_permissions(const Azure& azure, const Actual& actual) {
  const Graph graph(azure);
  const bool all_declared =
      std::ranges::all_of(actual.graph.roles, [&](const auto& role) { return is_declared(actual, role.second); });
  if (!all_declared) {  // first: so that whoever has to consent in the portal finds what to consent to
    const json::object body{{"requiredResourceAccess", declared_with_ours(actual)}};
    auto reply = when_replicated(
        azure, [&] { return graph.call("PATCH", "/applications/" + actual.app->object_id, body); },
        [](const Reply& answer) { return answer.status == 404; });
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, "list the permissions at the app registration"));
    crash_point();
  }
  const std::string path = fmt::format("/servicePrincipals/{}/appRoleAssignments", actual.principal);
  for (const auto& [name, id] : actual.graph.roles) {
    if (grant_of(actual, id) != nullptr) continue;
    const json::object body{{"principalId", actual.principal}, {"resourceId", actual.graph.principal}, {"appRoleId", id}};
    auto reply = when_replicated(
        azure, [&] { return graph.call("POST", path, body); }, [](const Reply& answer) { return answer.status == 404; });
    if (!reply) return pass(reply);
    // What is there already is told as a bad request; the look that follows decides.
    if (!reply->ok() && !(reply->status == 400 && reply->error_message().contains("already exists")))
      return std::unexpected(explain(*reply, fmt::format("grant the app {}", name)));
    crash_point();
  }
  return {};
}

std::string consent_remedy(const Azure& azure, const Desired& desired, const Actual& actual) {
  const std::string client_id = actual.app && is_plain_id(actual.app->app_id) ? actual.app->app_id : "CLIENT_ID";
  std::string names;
  for (const auto name : kPermissions) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  return fmt::format(
      "A Global Administrator or Privileged Role Administrator must consent to {} for {}: az ad app permission admin-consent "
      "--id {}, or in a browser https://{}/{}/adminconsent?client_id={}; then the same command again.",
      names, client_id, client_id, azure.cloud.authority, percent_encode(desired.tenant), client_id);
}

std::vector<std::string> permission_assignments(const Actual& actual) {
  std::vector<std::string> out;
  for (const auto& [name, id] : actual.graph.roles) {
    if (const auto* grant = grant_of(actual, id); grant != nullptr && is_plain_id(grant->id)) out.push_back(grant->id);
  }
  return out;
}

}  // namespace portalkey
