#include "provision/apply_arm.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "azure/arm.h"
#include "base/ascii.h"
#include "provision/names.h"
#include "provision/patience.h"
#include "provision/vault_body.h"

namespace portalkey {
namespace {

boost::json::object tags_json(const std::map<std::string, std::string>& tags) {
  boost::json::object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

/// A PATCH of tags replaces them all.
std::map<std::string, std::string> merged(std::map<std::string, std::string> there,
                                          const std::map<std::string, std::string>& wanted) {
  for (const auto& [key, value] : wanted) there[key] = value;
  return there;
}

std::string location_for_vault(const Desired& desired, const Actual& actual) {
  if (actual.deleted_vault) return actual.deleted_vault->location;
  return !desired.location.empty() ? desired.location : actual.group->location;
}

Result<void> recover_vault(const Arm& arm, const Desired& desired, const Actual& actual, const std::string& path) {
  const boost::json::object body{
      {"location", location_for_vault(desired, actual)},
      {"properties", boost::json::object{{"createMode", "recover"},
                                         {"tenantId", desired.tenant},
                                         {"sku", boost::json::object{{"family", "A"}, {"name", "standard"}}},
                                         {"accessPolicies", boost::json::array()}}}};
  auto reply = arm.call("PUT", path, kVaultsApi, body);
  if (!reply) return pass(reply);
  return arm.finish(*reply, path, kVaultsApi, "recover the vault");
}

boost::json::array subnet_rules(const std::vector<SubnetRule>& rules) {
  boost::json::array out;
  for (const auto& rule : rules) {
    boost::json::object one{{"id", rule.id}};
    if (rule.without_endpoint) one["ignoreMissingVnetServiceEndpoint"] = true;
    out.push_back(std::move(one));
  }
  return out;
}

Result<void> change_vault(const Arm& arm, const Desired& desired, const ActualVault& vault, const std::string& path) {
  boost::json::object properties;
  if (!vault.rbac) properties["enableRbacAuthorization"] = true;
  if (!vault.soft_delete) properties["enableSoftDelete"] = true;
  if (desired.purge_protection == true && !vault.purge_protection) properties["enablePurgeProtection"] = true;
  if (desired.network) {
    auto network = network_properties(*desired.network, desired.allowed_addresses);
    // Not ours, so they stay: what is left out of a change may count as taken away.
    network["networkAcls"].as_object()["virtualNetworkRules"] = subnet_rules(vault.virtual_networks);
    for (auto& member : network) properties[member.key()] = member.value();
  }
  boost::json::object body{{"tags", tags_json(merged(vault.tags, desired.tags))}};
  if (!properties.empty()) body["properties"] = std::move(properties);
  auto reply = arm.call("PATCH", path, kVaultsApi, body);
  if (!reply) return pass(reply);
  return arm.finish(*reply, path, kVaultsApi, "change the vault");
}

}  // namespace

std::string vault_path_of(const Desired& desired, const Actual& actual) {
  return vault_path(desired.subscription, desired.resource_group, actual.vault_name);
}

Result<void> register_providers(const Azure& azure, const Desired& desired, const Actual& actual) {
  const Arm arm(azure);
  for (const auto& [name, state] : actual.providers) {
    if (same_ignoring_case(state, "Registered")) continue;
    const auto path = fmt::format("/subscriptions/{}/providers/{}", desired.subscription, name);
    auto reply = arm.call("POST", path + "/register", kResourcesApi);
    if (!reply) return pass(reply);
    const std::string doing = fmt::format("register the resource provider {}", name);
    if (!reply->ok()) return std::unexpected(explain(*reply, doing));
    auto registered = wait_until(azure, std::chrono::minutes(10), [&]() -> Result<bool> {
      auto now = arm.call("GET", path, kResourcesApi);
      if (!now) return pass(now);
      if (!now->ok()) return std::unexpected(explain(*now, doing));
      return same_ignoring_case(text_at(now->json, {"registrationState"}), "Registered");
    });
    if (!registered) return pass(registered);
    if (!*registered) {
      return fail(Errc::unavailable, fmt::format("gave up waiting to {}: Azure has not finished", doing),
                  "Run the command again later.");
    }
  }
  return {};
}

Result<void> apply_group(const Azure& azure, const Desired& desired, const Actual& actual) {
  const Arm arm(azure);
  const auto path = group_path(desired.subscription, desired.resource_group);
  if (actual.group) {
    auto reply = arm.call("PATCH", path, kResourcesApi,
                          boost::json::object{{"tags", tags_json(merged(actual.group->tags, desired.tags))}});
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, "change the resource group's tags"));
    return {};
  }
  auto reply = arm.call("PUT", path, kResourcesApi,
                        boost::json::object{{"location", desired.location}, {"tags", tags_json(desired_tags(desired))}});
  if (!reply) return pass(reply);
  return arm.finish(*reply, path, kResourcesApi, "create the resource group");
}

Result<void> apply_vault(const Azure& azure, const Desired& desired, const Actual& actual) {
  const Arm arm(azure);
  const auto path = vault_path_of(desired, actual);
  if (actual.vault) return change_vault(arm, desired, *actual.vault, path);
  if (actual.deleted_vault) return recover_vault(arm, desired, actual, path);
  const boost::json::object body{{"location", location_for_vault(desired, actual)},
                                 {"tags", tags_json(desired_tags(desired))},
                                 {"properties", vault_properties(desired)}};
  auto reply = when_replicated(
      azure, [&] { return arm.call("PUT", path, kVaultsApi, body); },
      [](const Reply& answer) {
        return answer.error_code() == "MissingSubscriptionRegistration";  // registered a moment ago
      });
  if (!reply) return pass(reply);
  return arm.finish(*reply, path, kVaultsApi, "create the vault");
}

Result<void> assign_role(const Azure& azure, const Desired& desired, const std::string& scope, const std::string& principal,
                         std::string_view principal_type) {
  const Arm arm(azure);
  const auto path = fmt::format("{}/providers/Microsoft.Authorization/roleAssignments/{}", scope,
                                role_assignment_name(scope, principal, kSecretsOfficerRole));
  const boost::json::object body{
      {"properties", boost::json::object{{"roleDefinitionId", role_definition_path(desired.subscription, kSecretsOfficerRole)},
                                         {"principalId", principal},
                                         {"principalType", principal_type}}}};
  auto reply = when_replicated(
      azure, [&] { return arm.call("PUT", path, kRolesApi, body); },
      [](const Reply& answer) { return answer.error_code() == "PrincipalNotFound" || answer.status == 404; });
  if (!reply) return pass(reply);
  if (reply->ok() || reply->error_code() == "RoleAssignmentExists") return {};
  Error error = explain(*reply, "assign the role Key Vault Secrets Officer");
  if (error.code == Errc::forbidden) {
    error.remedy = fmt::format(
        "Let somebody who may assign roles (Owner, or Role Based Access Control Administrator) run this again, or run: {}",
        grant_command(principal, "Key Vault Secrets Officer", scope));
  }
  return std::unexpected(std::move(error));
}

}  // namespace portalkey
