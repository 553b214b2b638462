// Management locks, and what they keep from being done.
#include "tests/sandbox/arm/fixture.h"

namespace portalkey::sandbox {
namespace {

class ArmLocks : public ArmTest {
 protected:
  HttpResponse lock(const std::string& scope, std::string_view level, std::string_view name = "keep") {
    return call("PUT", lock_path(scope, name), R"({"properties":{"level":")" + std::string(level) + R"(","notes":"why"}})",
                "2016-09-01");
  }
  HttpResponse lock_call(std::string_view method, const std::string& scope, std::string_view name = "keep") {
    return call(method, lock_path(scope, name), {}, "2016-09-01");
  }
  static std::string lock_path(const std::string& scope, std::string_view name) {
    return scope + "/providers/Microsoft.Authorization/locks/" + std::string(name);
  }
  std::string list(const std::string& scope, std::string_view more = {}) {
    return scope + "/providers/Microsoft.Authorization/locks" + std::string(more);
  }
};

TEST_F(ArmLocks, AreMadeShownChangedAndRemoved) {
  const auto made = lock(group(), "CanNotDelete");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.body, R"({"properties":{"level":"CanNotDelete","notes":"why"},"id":")" + lock_path(group(), "keep") +
                           R"(","type":"Microsoft.Authorization/locks","name":"keep"})");
  EXPECT_EQ(lock(group(), "ReadOnly").status, 200) << "again";
  EXPECT_EQ(at(lock_call("GET", group()), "properties.level"), "ReadOnly");
  lock(vault("contoso-kv"), "ReadOnly", "below");
  EXPECT_EQ(count_of(call("GET", list(group()), {}, "2016-09-01")), 2u);
  EXPECT_EQ(count_of(call("GET", list(group(), "?$filter=atScope()"), {}, "2016-09-01")), 1u);
  EXPECT_EQ(count_of(call("GET", list(sub()), {}, "2016-09-01")), 2u);
  EXPECT_EQ(lock_call("DELETE", group()).status, 200);
  EXPECT_EQ(lock_call("DELETE", group()).status, 204);
  EXPECT_EQ(lock_call("GET", group()).status, 404);
}

TEST_F(ArmLocks, WrongOnesAreRefused) {
  EXPECT_EQ(lock(group(), "Strong").status, 400);
  EXPECT_EQ(call("PUT", lock_path(group(), "x"), "{}", "2016-09-01").status, 400);
  EXPECT_EQ(code_of(lock(group("none"), "ReadOnly")), "ResourceGroupNotFound");
  EXPECT_EQ(code_of(lock(vault("none"), "ReadOnly")), "ResourceNotFound");
  EXPECT_EQ(code_of(call("GET", list(group()), {}, "2014-01-01")), "NoRegisteredProviderFound");
  emulator->world().state.azure.role_assignments.clear();
  assign_role(emulator->world().state, find_user(emulator->world(), kAdminAccount)->oid, "User", "Contributor", sub());
  EXPECT_EQ(code_of(lock(group(), "ReadOnly")), "AuthorizationFailed") << "a Contributor may not";
}

TEST_F(ArmLocks, CanNotDeleteForbidsDeletionsBelowAndAbove) {
  lock(vault("contoso-kv"), "CanNotDelete");
  const auto refused = call("DELETE", vault("contoso-kv"));
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(code_of(refused), "ScopeLocked");
  EXPECT_EQ(at(refused, "error.message"),
            json::value("The scope '" + vault("contoso-kv") +
                        "' cannot perform delete operation because following scope(s) are locked: '" + vault("contoso-kv") +
                        "'. Please remove the lock and try again."));
  EXPECT_EQ(code_of(call("DELETE", group())), "ScopeLocked") << "the vault in it would go too";
  EXPECT_EQ(call("PATCH", vault("contoso-kv"), R"({"tags":{"a":"b"}})").status, 200) << "changes are allowed";
  EXPECT_EQ(lock_call("DELETE", vault("contoso-kv")).status, 200);
  EXPECT_EQ(call("DELETE", vault("contoso-kv")).status, 200);
}

TEST_F(ArmLocks, ReadOnlyForbidsChangesToo) {
  lock(group(), "ReadOnly");
  const auto refused = call("PATCH", vault("contoso-kv"), R"({"tags":{"a":"b"}})");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("cannot perform write operation"), std::string::npos) << refused.body;
  EXPECT_EQ(code_of(call("PUT", vault("new-vault"), vault_body())), "ScopeLocked");
  EXPECT_EQ(code_of(call("PUT", group() + "/providers/Microsoft.Authorization/roleAssignments/" + guid_of("x"),
                         assignment_body(app_oid()))),
            "ScopeLocked");
  EXPECT_EQ(call("GET", vault("contoso-kv")).status, 200);
  EXPECT_EQ(call("PUT", group("other"), R"({"location":"westeurope"})").status, 201) << "beside it";
  EXPECT_EQ(lock_call("DELETE", group()).status, 200) << "the lock itself is not locked";
  EXPECT_EQ(call("PUT", vault("new-vault"), vault_body()).status, 200);
}

TEST_F(ArmLocks, HoldInDeploymentsToo) {
  const auto deploy = [&](std::string_view resource) {
    const auto put = call("PUT", group() + "/providers/Microsoft.Resources/deployments/d",
                          R"({"properties":{"mode":"Incremental","template":{
      "$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0",
      "resources":[)" + std::string(resource) +
                              "]}}}");
    if (put.status >= 400) return put;
    follow(put, "azure-asyncoperation");
    follow(put, "azure-asyncoperation");
    return get(group() + "/providers/Microsoft.Resources/deployments/d");
  };
  const auto made = deploy(R"({"type":"Microsoft.Authorization/locks","apiVersion":"2020-05-01","name":"keep",
      "scope":"Microsoft.KeyVault/vaults/contoso-kv","properties":{"level":"ReadOnly"}})");
  EXPECT_EQ(at(made, "properties.provisioningState"), "Succeeded") << made.body;
  EXPECT_EQ(at(lock_call("GET", vault("contoso-kv")), "properties.level"), "ReadOnly");
  const auto failed = deploy(R"({"type":"Microsoft.KeyVault/vaults","apiVersion":"2023-07-01","name":"contoso-kv",
      "location":"westeurope","tags":{"a":"b"},"properties":{"tenantId":"[subscription().tenantId]",
      "sku":{"family":"A","name":"standard"},"accessPolicies":[]}})");
  EXPECT_NE(failed.body.find("ScopeLocked"), std::string::npos) << failed.body;
  lock(group(), "ReadOnly", "all");
  EXPECT_EQ(code_of(deploy(R"({"type":"Microsoft.Authorization/locks","apiVersion":"2020-05-01","name":"more",
      "properties":{"level":"ReadOnly"}})")),
            "ScopeLocked")
      << "a deployment is written, too";
}

TEST_F(ArmLocks, OneOfTheSubscriptionIsAboveAll) {
  lock(sub(), "CanNotDelete");
  EXPECT_EQ(code_of(call("DELETE", group())), "ScopeLocked");
  auto made = Emulator::make(usual(), clock, emulator->saved());
  ASSERT_TRUE(made) << made.error().what;
  emulator.emplace(std::move(*made));
  EXPECT_EQ(code_of(call("DELETE", vault("contoso-kv"))), "ScopeLocked") << "after a restart too";
}

}  // namespace
}  // namespace portalkey::sandbox
