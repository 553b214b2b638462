#include "sandbox/world/arm_state_json.h"

#include <utility>

#include "sandbox/wire/json_fields.h"

namespace portalkey::sandbox {
namespace {

using Tags = std::map<std::string, std::string>;

json::object tags_json(const Tags& tags) {
  json::object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

json::object stamp_json(const Stamp& stamp) { return {{"by", stamp.by}, {"type", stamp.type}, {"at", stamp.at}}; }

template <class Map, class Write>
json::array list_of(const Map& map, Write&& write) {
  json::array out;
  for (const auto& [key, item] : map) out.emplace_back(write(item));
  return out;
}

json::value optional_bool(const std::optional<bool>& flag) { return flag ? json::value(*flag) : json::value(nullptr); }

json::object policy_json(const VaultAccessPolicy& policy) {
  json::object permissions;
  for (const auto& [kind, names] : policy.permissions) permissions[kind] = json::value_from(names);
  return {{"tenantId", policy.tenant_id},
          {"objectId", policy.object_id},
          {"applicationId", policy.application_id},
          {"permissions", std::move(permissions)}};
}

json::object vault_json(const Vault& vault) {
  json::array policies;
  for (const auto& policy : vault.access_policies) policies.emplace_back(policy_json(policy));
  return {{"name", vault.name},
          {"resourceGroup", vault.resource_group},
          {"location", vault.location},
          {"tenantId", vault.tenant_id},
          {"tags", tags_json(vault.tags)},
          {"sku", vault.sku},
          {"rbac", vault.rbac},
          {"rbacGiven", vault.rbac_given},
          {"purgeProtection", vault.purge_protection},
          {"retentionDays", vault.retention_days},
          {"publicAccess", vault.public_access},
          {"denyByDefault", vault.deny_by_default},
          {"bypass", vault.bypass},
          {"ipRules", json::value_from(vault.ip_rules)},
          {"subnetRules", json::value_from(vault.subnet_rules)},
          {"forDeployment", vault.for_deployment},
          {"forDiskEncryption", optional_bool(vault.for_disk_encryption)},
          {"forTemplateDeployment", optional_bool(vault.for_template_deployment)},
          {"accessPolicies", std::move(policies)},
          {"created", stamp_json(vault.created)},
          {"modified", stamp_json(vault.modified)},
          {"pollsLeft", vault.polls_left},
          {"deleted", vault.deleted},
          {"secrets", list_of(vault.secrets, secret_json)},
          {"deletedSecrets", list_of(vault.deleted_secrets, secret_json)}};
}

json::object group_json(const ResourceGroup& group) {
  return {{"name", group.name},
          {"location", group.location},
          {"managedBy", group.managed_by},
          {"tags", tags_json(group.tags)},
          {"pollsLeft", group.polls_left}};
}

json::object assignment_json(const RoleAssignment& one) {
  return {{"name", one.name},
          {"scope", one.scope},
          {"role", one.role},
          {"principalId", one.principal_id},
          {"principalType", one.principal_type},
          {"description", one.description},
          {"condition", one.condition},
          {"conditionVersion", one.condition_version},
          {"createdBy", one.created_by},
          {"created", one.created},
          {"updated", one.updated}};
}

json::object deployment_json(const Deployment& one) {
  return {{"id", one.id},
          {"name", one.name},
          {"location", one.location},
          {"properties", one.properties},
          {"operations", one.operations},
          {"tags", one.tags},
          {"pollsLeft", one.polls_left}};
}

json::object lock_json(const ResourceLock& one) {
  return {{"scope", one.scope}, {"name", one.name}, {"readOnly", one.read_only}, {"notes", one.notes}};
}

json::object setting_json(const DiagnosticSetting& one) {
  return {{"scope", one.scope}, {"name", one.name}, {"properties", one.properties}};
}

json::object network_json(const VirtualNetwork& one) {
  json::array subnets;
  for (const auto& subnet : one.subnets) {
    subnets.push_back(
        {{"name", subnet.name}, {"prefix", subnet.prefix}, {"serviceEndpoints", json::value_from(subnet.service_endpoints)}});
  }
  return {{"name", one.name},
          {"resourceGroup", one.resource_group},
          {"location", one.location},
          {"tags", tags_json(one.tags)},
          {"prefixes", json::value_from(one.prefixes)},
          {"subnets", std::move(subnets)}};
}

using sandbox::read;  // beside the kinds of this file

void read(const json::object& from, std::string_view name, Tags& to) {
  each_member(from, name, [&](std::string key, const json::value& value) {
    if (value.is_string()) to[std::move(key)] = view(value.get_string());
  });
}
void read(const json::object& from, std::string_view name, Stamp& to) {
  const auto* object = member(from, name);
  if (object == nullptr || !object->is_object()) return;
  read(object->get_object(), "by", to.by);
  read(object->get_object(), "type", to.type);
  read(object->get_object(), "at", to.at);
}
void read(const json::object& from, std::string_view name, std::map<std::string, VaultSecret>& to) {
  each_object(from, name, [&](const json::object& item) {
    auto secret = secret_from_json(item);
    const auto key = lower(secret.name);
    to.emplace(key, std::move(secret));
  });
}

Vault vault_from(const json::object& in) {
  Vault vault;
  read(in, "name", vault.name);
  read(in, "resourceGroup", vault.resource_group);
  read(in, "location", vault.location);
  read(in, "tenantId", vault.tenant_id);
  read(in, "tags", vault.tags);
  read(in, "sku", vault.sku);
  read(in, "rbac", vault.rbac);
  read(in, "rbacGiven", vault.rbac_given);
  read(in, "purgeProtection", vault.purge_protection);
  read(in, "retentionDays", vault.retention_days);
  read(in, "publicAccess", vault.public_access);
  read(in, "denyByDefault", vault.deny_by_default);
  read(in, "bypass", vault.bypass);
  read(in, "ipRules", vault.ip_rules);
  read(in, "subnetRules", vault.subnet_rules);
  read(in, "forDeployment", vault.for_deployment);
  vault.for_disk_encryption = bool_member(in, "forDiskEncryption");
  vault.for_template_deployment = bool_member(in, "forTemplateDeployment");
  each_object(in, "accessPolicies", [&](const json::object& item) {
    auto& policy = vault.access_policies.emplace_back();
    read(item, "tenantId", policy.tenant_id);
    read(item, "objectId", policy.object_id);
    read(item, "applicationId", policy.application_id);
    if (const auto* permissions = member(item, "permissions"); permissions != nullptr && permissions->is_object()) {
      for (const auto& kind : permissions->get_object()) {
        read(permissions->get_object(), kind.key(), policy.permissions[std::string(kind.key())]);
      }
    }
  });
  read(in, "created", vault.created);
  read(in, "modified", vault.modified);
  read(in, "pollsLeft", vault.polls_left);
  read(in, "deleted", vault.deleted);
  read(in, "secrets", vault.secrets);
  read(in, "deletedSecrets", vault.deleted_secrets);
  return vault;
}

RoleAssignment assignment_from(const json::object& in) {
  RoleAssignment one;
  read(in, "name", one.name);
  read(in, "scope", one.scope);
  read(in, "role", one.role);
  read(in, "principalId", one.principal_id);
  read(in, "principalType", one.principal_type);
  read(in, "description", one.description);
  read(in, "condition", one.condition);
  read(in, "conditionVersion", one.condition_version);
  read(in, "createdBy", one.created_by);
  read(in, "created", one.created);
  read(in, "updated", one.updated);
  return one;
}

}  // namespace

json::object secret_json(const VaultSecret& secret) {
  json::array versions;
  for (const auto& version : secret.versions) {
    json::object out{{"id", version.id},           {"value", version.value},     {"enabled", version.enabled},
                     {"created", version.created}, {"updated", version.updated}, {"hasTags", version.has_tags}};
    if (version.content_type) out["contentType"] = *version.content_type;
    if (version.nbf) out["nbf"] = *version.nbf;
    if (version.exp) out["exp"] = *version.exp;
    out["tags"] = tags_json(version.tags);
    versions.emplace_back(std::move(out));
  }
  return {{"name", secret.name}, {"deleted", secret.deleted}, {"versions", std::move(versions)}};
}

VaultSecret secret_from_json(const json::object& in) {
  VaultSecret secret;
  read(in, "name", secret.name);
  read(in, "deleted", secret.deleted);
  each_object(in, "versions", [&](const json::object& item) {
    SecretVersion version;
    read(item, "id", version.id);
    read(item, "value", version.value);
    version.content_type = string_member(item, "contentType");
    read(item, "enabled", version.enabled);
    version.nbf = int_member(item, "nbf");
    version.exp = int_member(item, "exp");
    read(item, "created", version.created);
    read(item, "updated", version.updated);
    read(item, "hasTags", version.has_tags);
    read(item, "tags", version.tags);
    secret.versions.push_back(std::move(version));
  });
  return secret;
}

json::object azure_json(const Azure& azure) {
  json::object providers;
  for (const auto& [name, provider] : azure.providers) {
    providers[name] = {{"state", provider.state}, {"pollsLeft", provider.polls_left}};
  }
  json::array operations;
  for (const auto& one : azure.operations) {
    operations.push_back(
        {{"id", one.id}, {"pollsLeft", one.polls_left}, {"status", one.status}, {"body", one.body}, {"target", one.target}});
  }
  return {{"providers", std::move(providers)},
          {"resourceGroups", list_of(azure.resource_groups, group_json)},
          {"vaults", list_of(azure.vaults, vault_json)},
          {"deletedVaults", list_of(azure.deleted_vaults, vault_json)},
          {"roleAssignments", list_of(azure.role_assignments, assignment_json)},
          {"deployments", list_of(azure.deployments, deployment_json)},
          {"tags", tags_json(azure.tags)},
          {"locks", list_of(azure.locks, lock_json)},
          {"diagnosticSettings", list_of(azure.diagnostic_settings, setting_json)},
          {"virtualNetworks", list_of(azure.virtual_networks, network_json)},
          {"operations", std::move(operations)}};
}

Azure azure_from_json(const json::object& in) {
  Azure azure;
  each_member(in, "providers", [&](std::string name, const json::value& value) {
    if (!value.is_object()) return;
    auto& provider = azure.providers[std::move(name)];
    read(value.get_object(), "state", provider.state);
    read(value.get_object(), "pollsLeft", provider.polls_left);
  });
  each_object(in, "resourceGroups", [&](const json::object& item) {
    ResourceGroup group;
    read(item, "name", group.name);
    read(item, "location", group.location);
    read(item, "managedBy", group.managed_by);
    read(item, "tags", group.tags);
    read(item, "pollsLeft", group.polls_left);
    const auto key = lower(group.name);
    azure.resource_groups.emplace(key, std::move(group));
  });
  const auto vaults = [&](std::string_view name, std::map<std::string, Vault>& to) {
    each_object(in, name, [&](const json::object& item) {
      auto vault = vault_from(item);
      const auto key = lower(vault.name);
      to.emplace(key, std::move(vault));
    });
  };
  vaults("vaults", azure.vaults);
  vaults("deletedVaults", azure.deleted_vaults);
  each_object(in, "roleAssignments", [&](const json::object& item) {
    auto one = assignment_from(item);
    const auto key = one.name;
    azure.role_assignments.emplace(key, std::move(one));
  });
  each_object(in, "deployments", [&](const json::object& item) {
    Deployment one;
    read(item, "id", one.id);
    read(item, "name", one.name);
    read(item, "location", one.location);
    read(item, "properties", one.properties);
    read(item, "operations", one.operations);
    read(item, "tags", one.tags);
    read(item, "pollsLeft", one.polls_left);
    const auto key = lower(one.id);
    azure.deployments.emplace(key, std::move(one));
  });
  read(in, "tags", azure.tags);
  each_object(in, "locks", [&](const json::object& item) {
    ResourceLock one;
    read(item, "scope", one.scope);
    read(item, "name", one.name);
    read(item, "readOnly", one.read_only);
    read(item, "notes", one.notes);
    azure.locks.emplace(lower(one.scope + '/' + one.name), one);
  });
  each_object(in, "diagnosticSettings", [&](const json::object& item) {
    DiagnosticSetting one;
    read(item, "scope", one.scope);
    read(item, "name", one.name);
    read(item, "properties", one.properties);
    azure.diagnostic_settings.emplace(lower(one.scope + '/' + one.name), one);
  });
  each_object(in, "virtualNetworks", [&](const json::object& item) {
    VirtualNetwork one;
    read(item, "name", one.name);
    read(item, "resourceGroup", one.resource_group);
    read(item, "location", one.location);
    read(item, "tags", one.tags);
    read(item, "prefixes", one.prefixes);
    each_object(item, "subnets", [&](const json::object& inner) {
      auto& subnet = one.subnets.emplace_back();
      read(inner, "name", subnet.name);
      read(inner, "prefix", subnet.prefix);
      read(inner, "serviceEndpoints", subnet.service_endpoints);
    });
    azure.virtual_networks.emplace(lower(one.resource_group + '/' + one.name), one);
  });
  each_object(in, "operations", [&](const json::object& item) {
    auto& one = azure.operations.emplace_back();
    read(item, "id", one.id);
    read(item, "pollsLeft", one.polls_left);
    read(item, "status", one.status);
    read(item, "body", one.body);
    read(item, "target", one.target);
  });
  return azure;
}

}  // namespace portalkey::sandbox
