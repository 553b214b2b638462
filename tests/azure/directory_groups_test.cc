#include "azure/directory_groups.h"

#include "azure/authentication_methods.h"
#include "tests/provision/provision_world.h"

namespace portalkey::directory_groups_test {
namespace {

constexpr const char* kGroup = R"({"value":[{"id":"5e5f5a5b-0000-4000-8000-000000000002","displayName":"Field staff"}]})";

TEST(UsersInGroup, AreThoseOfGroupsWithinItToo) {
  ProvisionWorld world;
  world.http.answer(200, kGroup);
  world.http.answer(200, R"({"value":[
    {"@odata.type":"#microsoft.graph.user","id":"2","userPrincipalName":"Zoe@contoso.com","accountEnabled":false,"userType":"Member"},
    {"@odata.type":"#microsoft.graph.group","id":"3","displayName":"Drivers"},
    {"@odata.type":"#microsoft.graph.user","id":"1","userPrincipalName":"anna@contoso.com","accountEnabled":true,"userType":"Guest"}]})");
  const auto users = users_in_group(Graph(world.azure), "Field 'A' staff");
  ASSERT_TRUE(users) << users.error().what;
  ASSERT_EQ(users->size(), 2u);
  EXPECT_EQ(users->at(0).upn, "anna@contoso.com");
  EXPECT_EQ(users->at(0).guest, true);
  EXPECT_EQ(users->at(1).enabled, false);
  EXPECT_NE(world.http.sent[0].url.find("Field%20%27%27A%27%27%20staff"), std::string::npos) << world.http.sent[0].url;
  EXPECT_NE(world.http.sent[1].url.find("/groups/5e5f5a5b-0000-4000-8000-000000000002/transitiveMembers"), std::string::npos);
}

TEST(UsersInGroup, AnIdNeedsNoLookUp) {
  ProvisionWorld world;
  world.http.answer(200, R"({"value":[]})");
  EXPECT_TRUE(users_in_group(Graph(world.azure), "5e5f5a5b-0000-4000-8000-000000000002"));
  EXPECT_EQ(world.http.sent.size(), 1u);
}

TEST(UsersInGroup, OfSeveralGroupsOfANameNoneIsChosen) {
  ProvisionWorld world;
  world.http.answer(
      200, R"({"value":[{"id":"5e5f5a5b-0000-4000-8000-000000000002"},{"id":"5e5f5a5b-0000-4000-8000-000000000003"}]})");
  const auto users = users_in_group(Graph(world.azure), "Drivers");
  ASSERT_FALSE(users);
  EXPECT_EQ(users.error().code, Errc::invalid_input);
  EXPECT_NE(users.error().what.find("000000000003"), std::string::npos) << users.error().what;
}

TEST(UsersInGroup, AnIdThatIsNoneLeadsNowhere) {
  ProvisionWorld world;
  world.http.answer(200, R"({"value":[{"id":"../users"}]})");
  EXPECT_EQ(users_in_group(Graph(world.azure), "Drivers").error().code, Errc::unavailable);
  EXPECT_EQ(world.http.sent.size(), 1u);
}

TEST(UsersInGroup, UsersWithoutANameAreNotTakenForNobody) {
  ProvisionWorld world;
  world.http.answer(200, kGroup);
  world.http.answer(200, R"({"value":[{"@odata.type":"#microsoft.graph.user","id":"2","userPrincipalName":null}]})");
  const auto users = users_in_group(Graph(world.azure), "Field staff");
  ASSERT_FALSE(users);
  EXPECT_EQ(users.error().code, Errc::forbidden);
  EXPECT_NE(users.error().remedy.find("User.Read.All"), std::string::npos);
}

TEST(AuthenticationMethods, AreKindsAndNamesAndNoNumbers) {
  ProvisionWorld world;
  world.http.answer(200, R"({"value":[
    {"@odata.type":"#microsoft.graph.phoneAuthenticationMethod","id":"1","phoneNumber":"+1 2065550100"},
    {"@odata.type":"#microsoft.graph.microsoftAuthenticatorAuthenticationMethod","id":"2","displayName":"NE2213"},
    {"id":"3"}]})");
  const auto methods = authentication_methods(Graph(world.azure, "beta"), "o'brien@contoso.com");
  ASSERT_TRUE(methods) << methods.error().what;
  ASSERT_EQ(methods->size(), 3u);
  EXPECT_EQ(methods->at(0).kind, "phone");
  EXPECT_EQ(methods->at(0).name, "");
  EXPECT_EQ(methods->at(1).kind, "microsoftAuthenticator");
  EXPECT_EQ(methods->at(1).name, "NE2213");
  EXPECT_NE(world.http.sent[0].url.find("/beta/users/o%27brien%40contoso.com/authentication/methods"), std::string::npos);
}

}  // namespace
}  // namespace portalkey::directory_groups_test
