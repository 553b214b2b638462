#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kHead =
    R"("$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0")";

class Deployments : public ArmTest {
 protected:
  std::string path(std::string_view name = "d", std::string_view in = "contoso-rg") {
    return (in.empty() ? sub() : group(in)) + "/providers/Microsoft.Resources/deployments/" + std::string(name);
  }
  /// A request with this inside of `template`, and these parameters.
  static std::string body(std::string_view inside, std::string_view parameters = "{}", std::string_view location = {}) {
    return (location.empty() ? std::string("{") : R"({"location":")" + std::string(location) + "\",") +
           R"("properties":{"mode":"Incremental","parameters":)" + std::string(parameters) + R"(,"template":{)" +
           std::string(kHead) + ',' + std::string(inside) + "}}}";
  }
  /// As Bicep writes a vault with a role on one of its secrets.
  std::string vault_template() {
    return R"("parameters":{"vaultName":{"type":"string"},"principalId":{"type":"string"},
 "location":{"type":"string","defaultValue":"[resourceGroup().location]"},"sku":{"type":"string","defaultValue":"standard","allowedValues":["standard","premium"]},
 "note":{"type":"secureString","defaultValue":"hush"}},
"variables":{"role":"b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5"},
"resources":[
 {"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01",
  "scope":"[format('Microsoft.KeyVault/vaults/{0}/secrets/{1}', parameters('vaultName'), 'RefreshToken')]",
  "name":"[guid(resourceId('Microsoft.KeyVault/vaults', parameters('vaultName')), parameters('principalId'), variables('role'))]",
  "properties":{"roleDefinitionId":"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', variables('role'))]",
   "principalId":"[parameters('principalId')]","principalType":"ServicePrincipal"},
  "dependsOn":["[resourceId('Microsoft.KeyVault/vaults', parameters('vaultName'))]"]},
 {"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"[parameters('vaultName')]","location":"[parameters('location')]",
  "properties":{"tenantId":"[subscription().tenantId]","sku":{"family":"A","name":"[parameters('sku')]"},"enableRbacAuthorization":true,"accessPolicies":[]}}],
"outputs":{"uri":{"type":"string","value":"[reference(resourceId('Microsoft.KeyVault/vaults', parameters('vaultName')), '2023-07-01').vaultUri]"}})";
  }
  std::string vault_parameters(std::string_view name = "new-vault") {
    return R"({"vaultName":{"value":")" + std::string(name) + R"("},"principalId":{"value":")" + app_oid() + "\"}}";
  }
  /// Polls until the end; the deployment.
  HttpResponse wait(const HttpResponse& put, const std::string& where) {
    for (int i = 0; i < 5; ++i) {
      if (at(follow(put, "azure-asyncoperation"), "status") != "Running") break;
    }
    return get(where);
  }
};

TEST_F(Deployments, MakeAVaultAndARoleOnItsSecret) {
  const auto put = call("PUT", path(), body(vault_template(), vault_parameters()));
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(at(put, "properties.provisioningState"), "Accepted");
  EXPECT_EQ(at(follow(put, "azure-asyncoperation"), "status"), "Running");
  EXPECT_EQ(at(get(path()), "properties.provisioningState"), "Running");
  EXPECT_EQ(at(follow(put, "azure-asyncoperation"), "status"), "Succeeded");
  const auto done = get(path());
  EXPECT_EQ(at(done, "properties.provisioningState"), "Succeeded") << done.body;
  EXPECT_EQ(at(done, "properties.outputs.uri.value"), "https://new-vault.vault.azure.net/");
  EXPECT_EQ(at(done, "properties.outputs.uri.type"), "String");
  EXPECT_EQ(at(done, "properties.parameters.sku.value"), "standard");
  EXPECT_EQ(done.body.find("hush"), std::string::npos) << "secure values are never shown";
  EXPECT_EQ(count_of(get(path() + "/operations")), 2u);
  EXPECT_EQ(count_of(get(group() + "/deployments/d/operations")), 2u);
  // It has effect: the app may write this one secret, and no other.
  const auto vault_token = app_token("https://vault.azure.net");
  const auto secret = [&](std::string_view name) {
    return send("PUT", "https://new-vault.vault.azure.net/secrets/" + std::string(name) + "?api-version=7.4",
                bearer(vault_token), R"({"value":"v"})")
        .status;
  };
  EXPECT_EQ(secret("RefreshToken"), 200);
  EXPECT_EQ(secret("other"), 403);
  EXPECT_EQ(call("PUT", path(), body(vault_template(), vault_parameters())).status, 200) << "again";
  EXPECT_EQ(at(wait(call("PUT", path(), body(vault_template(), vault_parameters())), path()), "properties.provisioningState"),
            "Succeeded");
}

TEST_F(Deployments, SymbolicNamesAndNestedTemplatesAtSubscriptionScope) {
  start_empty();
  call("POST", sub() + "/providers/Microsoft.KeyVault/register");
  get(sub() + "/providers/Microsoft.KeyVault");
  const std::string inside = R"("languageVersion":"2.0","parameters":{"rg":{"type":"string"}},
"resources":{
 "group":{"type":"Microsoft.Resources/resourceGroups","apiVersion":"2021-04-01","name":"[parameters('rg')]","location":"[deployment().location]"},
 "inner":{"type":"Microsoft.Resources/deployments","apiVersion":"2022-09-01","name":"kv","resourceGroup":"[parameters('rg')]",
  "properties":{"expressionEvaluationOptions":{"scope":"inner"},"mode":"Incremental","parameters":{"name":{"value":"[format('{0}-kv', parameters('rg'))]"}},
   "template":{)" + std::string(kHead) +
                             R"(,"languageVersion":"2.0","parameters":{"name":{"type":"string"}},
    "resources":{"kv":{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"[parameters('name')]","location":"[resourceGroup().location]",
     "properties":{"tenantId":"[tenant().tenantId]","sku":{"family":"A","name":"standard"},"enableRbacAuthorization":true,"accessPolicies":[]}},
     "role":{"type":"Microsoft.Authorization/roleAssignments","apiVersion":"2022-04-01","scope":"[resourceId('Microsoft.KeyVault/vaults', parameters('name'))]",
      "name":"[guid(parameters('name'))]","properties":{"roleDefinitionId":"[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')]",
      "principalId":")" + app_oid() +
                             R"(","principalType":"ServicePrincipal"},"dependsOn":["kv"]}},
    "outputs":{"uri":{"type":"string","value":"[reference('kv').vaultUri]"}}}},
  "dependsOn":["group"]}},
"outputs":{"uri":{"type":"string","value":"[reference('inner').outputs.uri.value]"}})";
  const auto where = path("main", "");
  EXPECT_EQ(code_of(call("PUT", where, body(inside, R"({"rg":{"value":"team"}})"))), "InvalidDeployment") << "no location";
  const auto put = call("PUT", where, body(inside, R"({"rg":{"value":"team"}})", "westeurope"));
  ASSERT_EQ(put.status, 201) << put.body;
  const auto done = wait(put, where);
  EXPECT_EQ(at(done, "properties.outputs.uri.value"), "https://team-kv.vault.azure.net/") << done.body;
  EXPECT_EQ(get(path("kv", "team")).status, 200) << "the nested deployment is one of its own";
  EXPECT_EQ(code_of(call("PUT", where, body(inside, R"({"rg":{"value":"team"}})", "eastus"))), "InvalidDeploymentLocation");
}

TEST_F(Deployments, ThePublishedSetUpIsRefused) {
  const std::string inside =
      R"("parameters":{"keyVaultName":{"type":"string"},"location":{"type":"string"}},
"resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2021-04-01-preview","name":"[parameters('keyVaultName')]","location":"[parameters('location')]",
 "properties":{"enabledForDeployment":false,"enabledForTemplateDeployment":true,"enablePurgeProtection":true,"enableRbacAuthorization":true,"enableSoftDelete":false,
 "networkAcls":{"bypass":"AzureServices","defaultAction":"Allow"},"sku":{"family":"A","name":"standard"},"tenantId":"[subscription().tenantId]"}}])";
  const std::string parameters = R"({"keyVaultName":{"value":"hidden-kv"},"location":{"value":"westeurope"}})";
  const auto done = wait(call("PUT", path(), body(inside, parameters)), path());
  EXPECT_EQ(at(done, "properties.provisioningState"), "Failed");
  EXPECT_EQ(at(done, "properties.error.code"), "DeploymentFailed");
  EXPECT_NE(
      done.body.find(
          R"("code":"BadRequest","message":"The property \"enableSoftDelete\" can be set to false only for creating new vault.)"),
      std::string::npos)
      << done.body;
  EXPECT_EQ(at(get(path() + "/operations"), "value").get_array().at(0).at("properties").at("statusCode"), "BadRequest");
  EXPECT_EQ(get(vault("hidden-kv")).status, 404);
}

TEST_F(Deployments, BadTemplatesAreRefusedAtOnce) {
  struct Row {
    std::string inside, parameters, says;
  };
  const Row rows[] = {
      {R"("resources":[],"parameters":{"a":{"type":"string"}})", "{}",
       "The value for the template parameter 'a' is not provided"},
      {R"("resources":[],"parameters":{"a":{"type":"string"}})", R"({"b":{"value":1}})",
       "The template parameters 'b' in the parameters file are not valid"},
      {R"("resources":[],"parameters":{"a":{"type":"string","allowedValues":["x"]}})", R"({"a":{"value":"y"}})",
       "not part of the allowed value(s): 'x'"},
      {R"("resources":[],"parameters":{"a":{"type":"int"}})", R"({"a":{"value":"1"}})", "not of type 'int'"},
      {R"("resources":[],"parameters":{"a":{"type":"string","maxLength":2}})", R"({"a":{"value":"xyz"}})",
       "Length of the value"},
      {R"("variables":{})", "{}", "Required property 'resources'"},
      {R"("resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"[unheardOf()]"}])", "{}",
       "The template function 'unheardOf' is not valid"},
      {R"("resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"a/b"}])", "{}",
       "incorrect segment lengths"},
      {R"("resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"a","dependsOn":["b"]}])", "{}",
       "The resource 'b' is not defined in the template"},
      {R"("resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"a","copy":{}}])", "{}", "copy"},
  };
  for (const auto& row : rows) {
    for (const auto* method : {"PUT", "POST"}) {
      const auto answer =
          call(method, path() + (*method == 'P' && method[1] == 'O' ? "/validate" : ""), body(row.inside, row.parameters));
      EXPECT_EQ(answer.status, 400) << row.inside;
      EXPECT_EQ(code_of(answer), "InvalidTemplate");
      EXPECT_NE(answer.body.find(row.says), std::string::npos) << answer.body;
    }
  }
  EXPECT_EQ(get(path()).status, 404);
  EXPECT_EQ(code_of(call("PUT", path("d", "absent"), body(R"("resources":[])"))), "ResourceGroupNotFound");
}

TEST_F(Deployments, PreflightSeesMissingRightsAndProviders) {
  admin("POST", "/role-assignments", R"({"principal":"helpdesk@contoso.com","role":"Contributor"})");
  token = access_token("https://management.azure.com/", "helpdesk@contoso.com");
  const auto refused = call("PUT", path(), body(vault_template(), vault_parameters()));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(code_of(refused), "InvalidTemplateDeployment");
  EXPECT_NE(refused.body.find("Microsoft.Authorization/roleAssignments/write"), std::string::npos) << refused.body;
  start_empty();
  call("PUT", group("rg"), R"({"location":"westeurope"})");
  EXPECT_EQ(code_of(call("PUT", path("d", "rg"), body(vault_template(), vault_parameters()))),
            "MissingSubscriptionRegistration");
}

TEST_F(Deployments, ConditionsAndCircles) {
  const std::string skipped =
      R"("resources":[{"condition":"[equals(1, 2)]","type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"skipped"}])";
  EXPECT_EQ(at(wait(call("PUT", path(), body(skipped)), path()), "properties.provisioningState"), "Succeeded");
  EXPECT_EQ(get(vault("skipped")).status, 404);
  const std::string circle =
      R"("resources":[{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"one","dependsOn":["two"]},
{"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"two","dependsOn":["one"]}])";
  EXPECT_NE(wait(call("PUT", path(), body(circle)), path()).body.find("Circular dependency"), std::string::npos);
}

TEST_F(Deployments, ValidateChangesNothing) {
  const auto answer = call("POST", path() + "/validate", body(vault_template(), vault_parameters()));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(at(answer, "properties.validatedResources").get_array().size(), 2u);
  EXPECT_EQ(get(vault("new-vault")).status, 404);
  EXPECT_EQ(get(path()).status, 404);
}

TEST_F(Deployments, WhatIfComparesAndChangesNothing) {
  const auto ask = [&](const std::string& request) {
    const auto answer = call("POST", path() + "/whatIf", request);
    EXPECT_EQ(answer.status, 202) << answer.body;
    EXPECT_FALSE(answer.header("retry-after").empty());
    EXPECT_EQ(follow(answer).status, 202);
    return follow(answer);
  };
  const auto types = [&](const HttpResponse& answer) {
    std::string out;
    const json::value changes = at(answer, "properties.changes");
    for (const auto& one : changes.get_array()) out += std::string(view(one.at("changeType").get_string())) + ' ';
    return out;
  };
  const auto request = body(vault_template(), vault_parameters());
  const auto before = ask(request);
  EXPECT_EQ(types(before), "Create Create Ignore ") << "the first vault stays: " << before.body;
  EXPECT_EQ(get(vault("new-vault")).status, 404);
  wait(call("PUT", path(), request), path());
  EXPECT_EQ(types(ask(request)), "NoChange NoChange Ignore ");
  auto premium = vault_parameters();
  premium.insert(1, R"("sku":{"value":"premium"},)");
  const auto modified = ask(body(vault_template(), premium));
  EXPECT_EQ(types(modified), "NoChange Modify Ignore ");
  EXPECT_NE(modified.body.find(
                R"({"path":"properties.sku.name","propertyChangeType":"Modify","before":"standard","after":"premium"})"),
            std::string::npos)
      << modified.body;
}

TEST_F(Deployments, CanBeListedAndDeleted) {
  wait(call("PUT", path(), body(R"("resources":[])")), path());
  EXPECT_EQ(count_of(get(group() + "/providers/Microsoft.Resources/deployments/")), 1u);
  EXPECT_EQ(call("HEAD", path()).status, 204);
  const auto deleting = call("DELETE", path());
  EXPECT_EQ(deleting.status, 202);
  follow(deleting);
  EXPECT_EQ(follow(deleting).status, 204);
  EXPECT_EQ(call("DELETE", path()).status, 204);
  EXPECT_EQ(call("HEAD", path()).status, 404);
}

TEST_F(Deployments, ReadWhatAzSends) {
  // The template as it lies in its file, comments and all, under a name without quotes.
  const std::string sent = R"({"properties": {"parameters": {}, "mode": "Incremental", template:{
  )" + std::string(kHead) + R"(,
  "resources": [] // comment
}}})";
  const auto checked = call("POST", path() + "/validate", sent);
  EXPECT_EQ(checked.status, 200) << checked.body;
  EXPECT_EQ(call("PUT", path(), sent).status, 201);
}

TEST_F(Deployments, ListsHavePages) {
  for (const auto* name : {"a", "b", "c"}) EXPECT_EQ(call("PUT", path(name), body(R"("resources":[])")).status, 201);
  std::string seen;
  auto page = get(path("").substr(0, path("").size() - 1) + "?$top=2");
  for (int pages = 0; pages < 3; ++pages) {
    const auto list = object_of(page);
    for (const auto& item : member(list, "value")->get_array()) seen += *string_member(item.get_object(), "name");
    const auto next = string_member(list, "nextLink");
    if (!next) break;
    page = send("GET", *next, bearer(token));
  }
  EXPECT_EQ(seen, "abc");
}

}  // namespace
}  // namespace portalkey::sandbox
