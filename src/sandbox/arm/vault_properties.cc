#include "sandbox/arm/vault_properties.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.h"
#include "sandbox/arm/virtual_networks.h"
#include "sandbox/world/ip_rules.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

HttpResponse bad_request(std::string_view message) { return arm_error(400, "BadRequest", message); }
HttpResponse bad_value(std::string_view name) {
  return bad_request("An invalid value was provided for '" + std::string(name) + "'.");
}

/// The member, or nullptr if it is absent or null.
const json::value* given(const json::object& in, std::string_view name) {
  const auto* value = member(in, name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::string text_of(const json::object& in, std::string_view name) { return string_member(in, name).value_or(""); }

/// nullopt if a vault may let that subnet in: it is there, and has an endpoint for key vaults unless the rule does without.
std::optional<HttpResponse> check_subnet(const ArmCall& call, const std::string& id, std::size_t index,
                                         const json::object& rule) {
  const State& state = call.world.state;
  const std::string low = lower(id);
  const auto name = low.rfind("/subnets/");
  if (!low.starts_with("/subscriptions/") || low.find("/providers/microsoft.network/virtualnetworks/") == std::string::npos ||
      name == std::string::npos) {
    return arm_error(
        400, "LinkedInvalidPropertyId",
        fmt::format("Property id '{}' at path 'properties.networkAcls.virtualNetworkRules[{}].id' is invalid. Expect "
                    "fully qualified resource Id that start with '/subscriptions/{{subscriptionId}}' or "
                    "'/providers/{{resourceProviderNamespace}}/'.",
                    id, index));
  }
  const std::string refusal = "Operation on Virtual Network could not be performed. StatusCode: ";
  const Subnet* subnet = find_subnet(state, id);
  if (subnet == nullptr) {
    return arm_error(
        400, "VirtualNetworkNotValid",
        fmt::format("{}404 (NotFound). Error Code: NotFound. Error Message: Resource {} not found..", refusal, id));
  }
  const bool has_endpoint = std::ranges::any_of(
      subnet->service_endpoints, [](const auto& service) { return same_ignoring_case(service, "Microsoft.KeyVault"); });
  if (has_endpoint || bool_member(rule, "ignoreMissingVnetServiceEndpoint").value_or(false)) return std::nullopt;
  return arm_error(
      400, "VirtualNetworkNotValid",
      fmt::format("{}400 (BadRequest). Error Code: SubnetsHaveNoServiceEndpointsConfigured. Error Message: Subnets {} of "
                  "virtual network {} do not have ServiceEndpoints for Microsoft.KeyVault resources configured. Add "
                  "Microsoft.KeyVault to subnet's ServiceEndpoints collection before trying to ACL Microsoft.KeyVault "
                  "resources to these subnets..",
                  refusal, subnet->name, id.substr(0, name)));
}

std::optional<HttpResponse> read_network(const ArmCall& call, const json::object& properties, bool creating, Vault& vault) {
  if (const auto* access = given(properties, "publicNetworkAccess")) {
    const auto text = access->is_string() ? lower(view(access->get_string())) : std::string();
    if (text != "enabled" && text != "disabled") return bad_value("publicNetworkAccess");
    vault.public_access = text == "enabled";
  } else if (creating) {
    vault.public_access = true;
  }
  const auto* acls = given(properties, "networkAcls");
  if (acls == nullptr) {
    if (creating) {
      vault.deny_by_default = false;
      vault.bypass = "AzureServices";
      vault.ip_rules.clear();
      vault.subnet_rules.clear();
    }
    return std::nullopt;
  }
  if (!acls->is_object()) return bad_value("networkAcls");
  const auto& in = acls->get_object();
  const std::string action = text_of(in, "defaultAction");
  if (!action.empty() && !same_ignoring_case(action, "Allow") && !same_ignoring_case(action, "Deny")) {
    return bad_value("networkAcls.defaultAction");
  }
  const std::string bypass = text_of(in, "bypass");
  if (!bypass.empty() && !same_ignoring_case(bypass, "AzureServices") && !same_ignoring_case(bypass, "None")) {
    return bad_value("networkAcls.bypass");
  }
  std::vector<std::string> addresses, subnets;
  if (const auto* rules = given(in, "ipRules")) {
    if (!rules->is_array()) return bad_value("networkAcls.ipRules");
    for (const auto& rule : rules->get_array()) {
      std::string value = rule.is_object() ? text_of(rule.get_object(), "value") : std::string();
      const auto block = parse_address_block(value);
      if (!block) return bad_value("networkAcls.ipRules");
      if (const auto* range = forbidden_range(*block)) {
        return bad_request(
            fmt::format("Invalid value found at properties.networkAcls.ipRules[{}].value: {} belongs to forbidden range {}",
                        addresses.size(), value, range));
      }
      if (value.find('/') == std::string::npos) value += "/32";
      addresses.push_back(std::move(value));
    }
  }
  if (const auto* rules = given(in, "virtualNetworkRules")) {
    if (!rules->is_array()) return bad_value("networkAcls.virtualNetworkRules");
    for (const auto& rule : rules->get_array()) {
      std::string id = rule.is_object() ? text_of(rule.get_object(), "id") : std::string();
      if (id.empty()) return bad_value("networkAcls.virtualNetworkRules");
      const bool known = std::ranges::find(vault.subnet_rules, lower(id)) != vault.subnet_rules.end();  // is not judged again
      if (!known) {
        if (auto refused = check_subnet(call, id, subnets.size(), rule.get_object())) return refused;
      }
      subnets.push_back(lower(id));  // so they are shown
    }
  }
  vault.deny_by_default = same_ignoring_case(action, "Deny");
  vault.bypass = same_ignoring_case(bypass, "None") ? "None" : "AzureServices";
  vault.ip_rules = std::move(addresses);
  vault.subnet_rules = std::move(subnets);
  return std::nullopt;
}

/// Soft delete, purge protection and retention only ever get stricter.
std::optional<HttpResponse> read_protection(const json::object& properties, const Vault* before, Vault& vault) {
  if (const auto* soft = given(properties, "enableSoftDelete")) {
    if (!soft->is_bool()) return bad_value("enableSoftDelete");
    if (!soft->get_bool()) {
      return bad_request(
          "The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' "
          "functionality is an irreversible action.");
    }
  }
  vault.purge_protection = before != nullptr && before->purge_protection;
  if (const auto* purge = given(properties, "enablePurgeProtection")) {
    if (!purge->is_bool()) return bad_value("enablePurgeProtection");
    if (!purge->get_bool()) {
      return bad_request(
          "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an "
          "irreversible action.");
    }
    vault.purge_protection = true;
  }
  vault.retention_days = before == nullptr ? 90 : before->retention_days;
  if (given(properties, "softDeleteRetentionInDays") != nullptr) {
    const auto days = int_member(properties, "softDeleteRetentionInDays");
    if (!days || *days < 7 || *days > 90) {
      return bad_request("The property \"softDeleteRetentionInDays\" must be a value between 7 and 90.");
    }
    if (before != nullptr && *days != before->retention_days) {
      return bad_request("The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
    }
    vault.retention_days = *days;
  }
  return std::nullopt;
}

}  // namespace

bool is_vault_name(std::string_view name) {
  const auto letter = [](char c) { return to_lower(c) >= 'a' && to_lower(c) <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (name.size() < 3 || name.size() > 24 || !letter(name.front()) || name.back() == '-') return false;
  if (name.find("--") != std::string_view::npos) return false;
  return std::ranges::all_of(name, [&](char c) { return letter(c) || digit(c) || c == '-'; });
}

bool read_access_policies(const json::value& list, std::vector<VaultAccessPolicy>& policies) {
  policies.clear();
  if (!list.is_array() || list.get_array().size() > 1024) return false;
  for (const auto& item : list.get_array()) {
    if (!item.is_object()) return false;
    const auto& in = item.get_object();
    VaultAccessPolicy policy{text_of(in, "tenantId"), text_of(in, "objectId"), text_of(in, "applicationId"), {}};
    const auto* permissions = given(in, "permissions");
    if (!is_guid(policy.tenant_id) || policy.object_id.empty() || permissions == nullptr || !permissions->is_object())
      return false;
    for (const auto& kind : permissions->get_object()) {
      auto& names = policy.permissions[std::string(kind.key())];
      if (kind.value().is_null()) continue;
      if (!kind.value().is_array()) return false;
      for (const auto& name : kind.value().get_array()) {
        if (!name.is_string()) return false;
        names.emplace_back(view(name.get_string()));
      }
    }
    policies.push_back(std::move(policy));
  }
  return true;
}

json::array access_policies_json(const Vault& vault) {
  json::array out;
  for (const auto& policy : vault.access_policies) {
    json::object permissions;
    for (const auto& [kind, names] : policy.permissions) permissions[kind] = json::value_from(names);
    json::object one{{"tenantId", policy.tenant_id}, {"objectId", policy.object_id}};
    if (!policy.application_id.empty()) one["applicationId"] = policy.application_id;
    one["permissions"] = std::move(permissions);
    out.emplace_back(std::move(one));
  }
  return out;
}

std::optional<HttpResponse> read_vault_properties(const ArmCall& call, const json::object& properties, const Vault* before,
                                                  bool creating, Vault& vault) {
  if (given(properties, "tenantId") != nullptr || creating) {
    const std::string tenant = text_of(properties, "tenantId");
    if (!is_guid(tenant)) return bad_value("tenantId");
    vault.tenant_id = lower(tenant);
  }
  if (const auto* sku = given(properties, "sku"); sku != nullptr || creating) {
    const auto* in = sku != nullptr && sku->is_object() ? &sku->get_object() : nullptr;
    const std::string name = in == nullptr ? "" : lower(text_of(*in, "name"));
    if ((name != "standard" && name != "premium") || !same_ignoring_case(text_of(*in, "family"), "A")) return bad_value("sku");
    vault.sku = name;
  }
  if (const auto* rbac = given(properties, "enableRbacAuthorization")) {
    if (!rbac->is_bool()) return bad_value("enableRbacAuthorization");
    vault.rbac = rbac->get_bool();
    vault.rbac_given = true;
  } else if (creating) {
    vault.rbac = vault.rbac_given = call.api_version >= "2026-02-01";
  }
  if (const auto* policies = given(properties, "accessPolicies")) {
    if (!read_access_policies(*policies, vault.access_policies)) return bad_value("accessPolicies");
  } else if (creating) {
    vault.access_policies.clear();
    if (!vault.rbac) return bad_value("accessPolicies");
  }
  std::optional<bool> for_deployment;
  const std::pair<std::string_view, std::optional<bool>*> flags[] = {
      {"enabledForDeployment", &for_deployment},
      {"enabledForDiskEncryption", &vault.for_disk_encryption},
      {"enabledForTemplateDeployment", &vault.for_template_deployment}};
  for (const auto& [name, flag] : flags) {
    if (creating) flag->reset();
    const auto* value = given(properties, name);
    if (value == nullptr) continue;
    if (!value->is_bool()) return bad_value(name);
    *flag = value->get_bool();
  }
  if (creating || for_deployment) vault.for_deployment = for_deployment.value_or(false);
  if (auto refused = read_protection(properties, before, vault)) return refused;
  return read_network(call, properties, creating, vault);
}

/// Members that nobody set are left out, all but `enabledForDeployment`; and so is a firewall that lets everybody in.
/// Source: the recordings of azure-cli, keyvault/tests/latest/recordings/test_keyvault_{mgmt,creation}.yaml.
json::object vault_resource(const ArmCall& call, const Vault& vault) {
  json::object properties{{"sku", {{"family", "A"}, {"name", vault.sku}}},
                          {"tenantId", vault.tenant_id},
                          {"accessPolicies", access_policies_json(vault)},
                          {"enabledForDeployment", vault.for_deployment}};
  if (vault.for_disk_encryption) properties["enabledForDiskEncryption"] = *vault.for_disk_encryption;
  if (vault.for_template_deployment) properties["enabledForTemplateDeployment"] = *vault.for_template_deployment;
  properties["enableSoftDelete"] = true;
  properties["softDeleteRetentionInDays"] = vault.retention_days;
  if (vault.rbac_given) properties["enableRbacAuthorization"] = vault.rbac;
  if (vault.purge_protection) properties["enablePurgeProtection"] = true;
  if (vault.deny_by_default || vault.bypass != "AzureServices" || !vault.ip_rules.empty() || !vault.subnet_rules.empty()) {
    json::array addresses, subnets;
    for (const auto& rule : vault.ip_rules) addresses.push_back(json::object{{"value", rule}});
    for (const auto& rule : vault.subnet_rules) subnets.push_back(json::object{{"id", rule}});
    properties["networkAcls"] = {{"bypass", vault.bypass},
                                 {"defaultAction", vault.deny_by_default ? "Deny" : "Allow"},
                                 {"ipRules", std::move(addresses)},
                                 {"virtualNetworkRules", std::move(subnets)}};
  }
  const bool registering = vault.polls_left > 0;
  properties["vaultUri"] = "https://" + lower(vault.name) + '.' + std::string(call.cloud.vault_suffix) +
                           (registering && call.method != "GET" ? "" : "/");  // of a write, it then has no slash
  properties["provisioningState"] = registering ? "RegisteringDns" : "Succeeded";
  properties["publicNetworkAccess"] = vault.public_access ? "Enabled" : "Disabled";
  return {{"id", vault_scope(call.world.state, vault)},
          {"name", vault.name},
          {"type", kVaultType},
          {"location", vault.location},
          {"tags", tags_object(vault.tags)},
          {"systemData", system_data(vault.created, vault.modified)},
          {"properties", std::move(properties)}};
}

json::object deleted_vault_resource(const ArmCall& call, const Vault& vault) {
  json::object properties{{"vaultId", vault_scope(call.world.state, vault)},
                          {"location", vault.location},
                          {"tags", tags_object(vault.tags)},
                          {"deletionDate", iso_time(from_unix_seconds(vault.deleted))},
                          {"scheduledPurgeDate", iso_time(from_unix_seconds(vault.deleted + vault.retention_days * 86400))}};
  if (vault.purge_protection) properties["purgeProtectionEnabled"] = true;
  return {{"id", subscription_scope(call.world.state) + "/providers/Microsoft.KeyVault/locations/" + vault.location +
                     "/deletedVaults/" + vault.name},
          {"name", vault.name},
          {"type", "Microsoft.KeyVault/deletedVaults"},
          {"properties", std::move(properties)}};
}

}  // namespace portalkey::sandbox
