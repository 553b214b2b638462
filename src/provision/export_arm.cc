#include <boost/json.hpp>

#include "provision/export.h"
#include "provision/export_app.h"
#include "provision/names.h"
#include "provision/vault_body.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::string_view kDeploymentSchema =
    "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#";
constexpr std::string_view kGroupSchema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
constexpr std::string_view kParametersSchema =
    "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#";

json::object parameter(std::string_view type, std::string_view about, json::value otherwise = nullptr) {
  json::object out{{"type", type}};
  if (!otherwise.is_null()) out["defaultValue"] = std::move(otherwise);
  out["metadata"] = json::object{{"description", about}};
  return out;
}

json::object tags(const Desired& desired) {
  json::object out;
  for (const auto& [key, value] : desired.tags) out[key] = value;
  out[kMark] = desired.profile;
  return out;
}

/// The template of what is in the group: the vault and the role.
json::object inner_template(const Desired& desired) {
  json::object properties = vault_properties(desired);
  properties["tenantId"] = "[subscription().tenantId]";
  json::array resources;
  resources.push_back(json::object{{"type", "Microsoft.KeyVault/vaults"},
                                   {"apiVersion", "2023-07-01"},
                                   {"name", "[parameters('vaultName')]"},
                                   {"location", "[parameters('location')]"},
                                   {"tags", "[parameters('tags')]"},
                                   {"properties", std::move(properties)}});
  const bool of_secret = desired.role_scope == RoleScope::secret;
  const std::string vault_id = "resourceId('Microsoft.KeyVault/vaults', parameters('vaultName'))";
  const std::string scope =
      of_secret ? "[format('Microsoft.KeyVault/vaults/{0}/secrets/{1}', parameters('vaultName'), parameters('secretName'))]"
                : "[format('Microsoft.KeyVault/vaults/{0}', parameters('vaultName'))]";
  resources.push_back(json::object{
      {"condition", "[not(empty(parameters('principalId')))]"},
      {"type", "Microsoft.Authorization/roleAssignments"},
      {"apiVersion", "2022-04-01"},
      {"scope", scope},
      {"name", "[guid(" + vault_id + ", parameters('principalId'), '" + std::string(kSecretsOfficerRole) + "')]"},
      {"dependsOn", json::array{"[" + vault_id + "]"}},
      {"properties", json::object{{"roleDefinitionId", "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '" +
                                                           std::string(kSecretsOfficerRole) + "')]"},
                                  {"principalId", "[parameters('principalId')]"},
                                  {"principalType", "ServicePrincipal"}}}});
  return {
      {"$schema", kGroupSchema},
      {"contentVersion", "1.0.0.0"},
      {"parameters", json::object{{"location", json::object{{"type", "string"}}},
                                  {"vaultName", json::object{{"type", "string"}}},
                                  {"principalId", json::object{{"type", "string"}}},
                                  {"secretName", json::object{{"type", "string"}}},
                                  {"tags", json::object{{"type", "object"}}}}},
      {"resources", std::move(resources)},
      {"outputs", json::object{{"vaultUri", json::object{{"type", "string"},
                                                         {"value", "[reference(" + vault_id + ", '2023-07-01').vaultUri]"}}}}}};
}

json::object outer_template(const Desired& desired) {
  json::object parameters;
  parameters["location"] = parameter("string", "Where the resource group and the vault are made.", "[deployment().location]");
  parameters["resourceGroupName"] =
      parameter("string", "The resource group, made if it is not there.", json::value(desired.resource_group));
  parameters["vaultName"] =
      parameter("string", "The vault's name, unique in the whole cloud.",
                json::value("[format('portalkey-{0}', uniqueString(subscription().id, parameters('resourceGroupName')))]"));
  parameters["principalId"] =
      parameter("string", "Object id of the app's service principal (create-app.sh prints it); empty: no role is assigned.",
                json::value(""));
  parameters["secretName"] = parameter("string", "The secret that holds the refresh token.", json::value(desired.secret_name));
  parameters["tags"] = parameter("object", "Tags of group and vault.", tags(desired));
  json::object passed;
  for (const char* name : {"location", "vaultName", "principalId", "secretName", "tags"}) {
    passed[name] = json::object{{"value", std::string("[parameters('") + name + "')]"}};
  }
  const char* group_id = "[subscriptionResourceId('Microsoft.Resources/resourceGroups', parameters('resourceGroupName'))]";
  json::array resources;
  resources.push_back(json::object{{"type", "Microsoft.Resources/resourceGroups"},
                                   {"apiVersion", "2021-04-01"},
                                   {"name", "[parameters('resourceGroupName')]"},
                                   {"location", "[parameters('location')]"},
                                   {"tags", "[parameters('tags')]"}});
  resources.push_back(
      json::object{{"type", "Microsoft.Resources/deployments"},
                   {"apiVersion", "2021-04-01"},
                   {"name", "portalkey-vault"},
                   {"resourceGroup", "[parameters('resourceGroupName')]"},
                   {"dependsOn", json::array{group_id}},
                   {"properties", json::object{{"mode", "Incremental"},
                                               {"expressionEvaluationOptions", json::object{{"scope", "inner"}}},
                                               {"parameters", std::move(passed)},
                                               {"template", inner_template(desired)}}}});
  return {{"$schema", kDeploymentSchema},
          {"contentVersion", "1.0.0.0"},
          {"parameters", std::move(parameters)},
          {"resources", std::move(resources)},
          {"outputs",
           json::object{
               {"vaultUri",
                json::object{{"type", "string"},
                             {"value",
                              "[reference(extensionResourceId(subscriptionResourceId('Microsoft.Resources/resourceGroups', "
                              "parameters('resourceGroupName')), 'Microsoft.Resources/deployments', 'portalkey-vault'), "
                              "'2021-04-01').outputs.vaultUri.value]"}}}}}};
}

json::object parameter_values(const Desired& desired) {
  json::object values;
  const auto set = [&](std::string_view name, json::value value) { values[name] = json::object{{"value", std::move(value)}}; };
  if (!desired.location.empty()) set("location", json::value(desired.location));
  set("resourceGroupName", json::value(desired.resource_group));
  if (!desired.vault.empty()) set("vaultName", json::value(desired.vault));
  set("principalId", "");
  set("secretName", json::value(desired.secret_name));
  set("tags", tags(desired));
  return {{"$schema", kParametersSchema}, {"contentVersion", "1.0.0.0"}, {"parameters", std::move(values)}};
}

/// JSON that a person reads and edits.
void indent(const json::value& value, std::string& out, std::string_view margin) {
  const std::string inner = std::string(margin) + "  ";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{";
    bool first = true;
    for (const auto& [key, member] : *object) {
      out += (first ? "\n" : ",\n") + inner + json::serialize(json::value(key)) + ": ";
      indent(member, out, inner);
      first = false;
    }
    out += "\n" + std::string(margin) + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out += "[";
    bool first = true;
    for (const auto& item : *array) {
      out += (first ? "\n" : ",\n") + inner;
      indent(item, out, inner);
      first = false;
    }
    out += "\n" + std::string(margin) + "]";
  } else {
    out += json::serialize(value);
  }
}

std::string pretty(const json::value& value) {
  std::string out;
  indent(value, out, "");
  return out + "\n";
}

}  // namespace

std::map<std::string, std::string> export_arm(const Desired& desired) {
  return {{"main.json", pretty(outer_template(desired))},
          {"main.parameters.json", pretty(parameter_values(desired))},
          {"create-app.sh", app_script(desired)}};
}

}  // namespace portalkey
