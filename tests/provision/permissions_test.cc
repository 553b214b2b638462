#include "provision/permissions.h"

#include <boost/json.hpp>

#include "provision/destroy.h"
#include "tests/provision/provision_world.h"

namespace portalkey::permissions_test {
namespace {

constexpr const char* kOffered =
    R"({"value":[{"id":"graph-sp","appId":"00000003-0000-0000-c000-000000000000","appRoles":[)"
    R"({"id":"r1","value":"Policy.ReadWrite.AuthenticationMethod"},{"id":"r2","value":"User.Read.All"},)"
    R"({"id":"r3","value":"UserAuthenticationMethod.ReadWrite.All"},{"id":"r4","value":"Mail.Send"}]}]})";

struct World : ProvisionWorld {
  World() {
    desired.graph = true;
    desired.tenant = "t";
    actual.app = ActualApp{};
    actual.app->object_id = "app";
    actual.app->app_id = "client";
    actual.principal = "sp";
  }
  void read(const char* app, const char* grants) {
    http.answer(200, kOffered).answer(200, app).answer(200, grants);
    auto done = read_permissions(azure, desired, actual);
    ASSERT_TRUE(done) << done.error().what;
  }
  Desired desired;
  Actual actual;
};

TEST(Permissions, OnlyWhatIsMissingIsGranted) {
  World world;
  world.read(R"({"requiredResourceAccess":[{"resourceAppId":"other","resourceAccess":[{"id":"x","type":"Scope"}]},)"
             R"({"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[)"
             R"({"id":"r2","type":"Role"},{"id":"r1","type":"Scope"}]}]})",
             R"({"value":[{"id":"g2","resourceId":"graph-sp","appRoleId":"r2"},)"
             R"({"id":"g9","resourceId":"another-sp","appRoleId":"r1"}]})");
  const Step step = plan_permissions(world.actual);
  EXPECT_EQ(step.state, Step::State::create);
  ASSERT_EQ(step.changes.size(), 2U);
  EXPECT_EQ(step.changes[0].to, "Policy.ReadWrite.AuthenticationMethod");
  EXPECT_EQ(step.changes[1].to, "UserAuthenticationMethod.ReadWrite.All");
  world.http.sent.clear();
  world.http.answer(204, "").answer(201, "{}").answer(
      400, R"({"error":{"code":"x","message":"Permission being assigned already exists on the object"}})");
  ASSERT_TRUE(apply_permissions(world.azure, world.actual));
  ASSERT_EQ(world.http.sent.size(), 3U);
  EXPECT_EQ(world.http.sent[0].body,
            R"({"requiredResourceAccess":[{"resourceAppId":"other","resourceAccess":[{"id":"x","type":"Scope"}]},)"
            R"({"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"r2","type":"Role"},)"
            R"({"id":"r1","type":"Scope"},{"id":"r1","type":"Role"},{"id":"r3","type":"Role"}]}]})");
  EXPECT_EQ(world.http.sent[1].body, R"({"principalId":"sp","resourceId":"graph-sp","appRoleId":"r1"})");
  EXPECT_EQ(permission_assignments(world.actual), std::vector<std::string>{"g2"});
}

TEST(Permissions, ARefusalSaysWhatAndTheRemedyWhoAndHow) {
  World world;
  world.read(R"({"requiredResourceAccess":[]})", R"({"value":[]})");
  world.http.answer(204, "").answer(403,
                                    R"({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}})");
  const auto refused = apply_permissions(world.azure, world.actual);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::forbidden);
  const auto remedy = consent_remedy(world.azure, world.desired, world.actual);
  for (const char* word : {"Privileged Role Administrator", "User.Read.All", "admin-consent --id client",
                           "https://login.microsoftonline.com/t/adminconsent?client_id=client"})
    EXPECT_NE(remedy.find(word), std::string::npos) << remedy;
}

TEST(Permissions, WhatGraphDoesNotOfferCannotBeGranted) {
  World world;
  world.http.answer(200, R"({"value":[{"id":"graph-sp","appRoles":[{"id":"r1","value":"User.Read.All"}]}]})")
      .answer(404, R"({"error":{"code":"Request_ResourceNotFound","message":"x"}})")
      .answer(404, R"({"error":{"code":"Request_ResourceNotFound","message":"x"}})");
  ASSERT_TRUE(read_permissions(world.azure, world.desired, world.actual)) << "too new for this replica is no error";
  EXPECT_EQ(plan_permissions(world.actual).state, Step::State::cannot);
}

TEST(Permissions, AreNotReadWhereNobodyWantsThem) {
  World world;
  world.desired.graph = false;
  ASSERT_TRUE(read_permissions(world.azure, world.desired, world.actual));
  EXPECT_TRUE(world.http.sent.empty());
}

TEST(Permissions, AnAppThatStaysLosesThoseThatWereGrantedHere) {
  World world;
  world.read(
      R"({"requiredResourceAccess":[]})",
      R"({"value":[{"id":"g1","resourceId":"graph-sp","appRoleId":"r1"},{"id":"g2","resourceId":"graph-sp","appRoleId":"r2"}]})");
  world.desired.graph_grants = {"g1", "gone"};
  const auto plan = plan_destroy(world.azure, world.desired, world.actual, false);
  ASSERT_TRUE(plan) << plan.error().what;
  ASSERT_EQ(plan->removals.size(), 1U);
  EXPECT_EQ(plan->removals[0].path, "/servicePrincipals/sp/appRoleAssignments/g1");
  world.http.answer(204, "");
  EXPECT_TRUE(carry_out(world.azure, world.desired, world.actual, plan->removals[0]));
}

}  // namespace
}  // namespace portalkey::permissions_test
