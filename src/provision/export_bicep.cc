#include <fmt/format.h>

#include "provision/export.h"
#include "provision/export_app.h"
#include "provision/names.h"

namespace portalkey {
namespace {

/// A Bicep string: backslash, apostrophe and `${` are special.
std::string bicep_quoted(std::string_view text) {
  std::string out = "'";
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' || text[i] == '\'' || (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{')) out += '\\';
    out += text[i];
  }
  return out + "'";
}

std::string tags(const Desired& desired, std::string_view margin) {
  auto all = desired.tags;
  all.emplace(kMark, desired.profile);
  std::string out = "{\n";
  for (const auto& [key, value] : all) out += fmt::format("{}  {}: {}\n", margin, bicep_quoted(key), bicep_quoted(value));
  return out + std::string(margin) + "}";
}

std::string main_bicep(const Desired& desired) {
  return fmt::format(
      R"(// A resource group and, in it, the key vault that keeps the refresh token. Written by portalkey setup export.
targetScope = 'subscription'

@description('Where the resource group and the vault are made.')
param location string = deployment().location

@description('The resource group, made if it is not there.')
param resourceGroupName string = {}

@description('The vault\'s name, unique in the whole cloud.')
param vaultName string = 'portalkey-${{uniqueString(subscription().id, resourceGroupName)}}'

@description('Object id of the app\'s service principal (create-app.sh prints it); empty: no role is assigned.')
param principalId string = ''

@description('The secret that holds the refresh token.')
param secretName string = {}

@description('Tags of group and vault.')
param tags object = {}

resource group 'Microsoft.Resources/resourceGroups@2021-04-01' = {{
  name: resourceGroupName
  location: location
  tags: tags
}}

module vault 'vault.bicep' = {{
  name: 'portalkey-vault'
  scope: group
  params: {{
    location: location
    vaultName: vaultName
    principalId: principalId
    secretName: secretName
    tags: tags
  }}
}}

output vaultUri string = vault.outputs.vaultUri
)",
      bicep_quoted(desired.resource_group), bicep_quoted(desired.secret_name), tags(desired, ""));
}

std::string vault_bicep(const Desired& desired) {
  const Network network = desired.network.value_or(Network::open);
  std::string rules = "[]";
  if (network == Network::restricted) {
    rules = "[\n";
    for (const auto& address : desired.allowed_addresses)
      rules += fmt::format("        {{ value: {} }}\n", bicep_quoted(address));
    rules += "      ]";
  }
  const bool of_secret = desired.role_scope == RoleScope::secret;
  return fmt::format(
      R"(// The key vault and who may use its secrets.
param location string
param vaultName string
param principalId string
param secretName string
param tags object

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {{
  name: vaultName
  location: location
  tags: tags
  properties: {{
    tenantId: subscription().tenantId
    sku: {{ family: 'A', name: 'standard' }}
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: {}
{}    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    accessPolicies: []
    publicNetworkAccess: {}
    networkAcls: {{
      bypass: 'AzureServices'
      defaultAction: {}
      ipRules: {}
      virtualNetworkRules: []
    }}
  }}
}}
{}
// Key Vault Secrets Officer
resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(principalId)) {{
  name: guid(vault.id, principalId, '{}')
  scope: {}
  properties: {{
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{}')
    principalId: principalId
    principalType: 'ServicePrincipal'
  }}
}}

output vaultUri string = vault.properties.vaultUri
)",
      desired.retention_days.value_or(90), desired.purge_protection.value_or(true) ? "    enablePurgeProtection: true\n" : "",
      network == Network::closed ? "'Disabled'" : "'Enabled'", network == Network::open ? "'Allow'" : "'Deny'", rules,
      of_secret ? "\nresource secret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' existing = {\n  parent: vault\n  name: "
                  "secretName\n}\n"
                : "",
      kSecretsOfficerRole, of_secret ? "secret" : "vault", kSecretsOfficerRole);
}

std::string parameters(const Desired& desired) {
  std::string out = "using './main.bicep'\n\n";
  if (!desired.location.empty()) out += fmt::format("param location = {}\n", bicep_quoted(desired.location));
  out += fmt::format("param resourceGroupName = {}\n", bicep_quoted(desired.resource_group));
  if (!desired.vault.empty()) out += fmt::format("param vaultName = {}\n", bicep_quoted(desired.vault));
  out += fmt::format("param principalId = ''\nparam secretName = {}\nparam tags = {}\n", bicep_quoted(desired.secret_name),
                     tags(desired, ""));
  return out;
}

}  // namespace

std::map<std::string, std::string> export_bicep(const Desired& desired) {
  return {{"main.bicep", main_bicep(desired)},
          {"vault.bicep", vault_bicep(desired)},
          {"main.bicepparam", parameters(desired)},
          {"create-app.sh", app_script(desired)}};
}

}  // namespace portalkey
