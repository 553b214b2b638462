// Groups, who is in them, and the methods that people have registered.
#include "tests/sandbox/graph/fixture.h"

namespace portalkey::sandbox {
namespace {

class GraphGroups : public GraphTest {
 protected:
  void SetUp() override {
    GraphTest::SetUp();
    admin("POST", "/groups", R"({"displayName":"Drivers","members":["helga@contoso.com","hugo@contoso.com"]})");
    admin("POST", "/groups", R"({"displayName":"Field staff","members":["zoe@contoso.com","drivers"]})");
    field = id_of("Field staff");
  }
  std::string id_of(std::string_view name) {
    for (const auto& group : list("/groups")) {
      if (text(group.as_object(), "displayName") == name) return text(group.as_object(), "id");
    }
    return {};
  }
  std::vector<std::string> members(std::string_view how) {
    std::vector<std::string> out;
    for (const auto& one : list("/groups/" + field + std::string(how))) {
      const auto& object = one.as_object();
      out.push_back(string_member(object, "userPrincipalName").value_or(text(object, "@odata.type")));
    }
    std::ranges::sort(out);
    return out;
  }

  std::string field;
};

using Texts = std::vector<std::string>;

TEST_F(GraphGroups, AreFoundByNameAndTellWhoIsInThem) {
  EXPECT_EQ(list("/groups?$filter=displayName%20eq%20'field%20STAFF'").size(), 1u);
  EXPECT_EQ(list("/groups?$filter=displayName%20eq%20'Nobody'").size(), 0u);
  EXPECT_EQ(members("/members"), (Texts{"#microsoft.graph.group", "zoe@contoso.com"}));
  EXPECT_EQ(members("/transitiveMembers?$select=id,userPrincipalName"),
            (Texts{"#microsoft.graph.group", "helga@contoso.com", "hugo@contoso.com", "zoe@contoso.com"}));
  EXPECT_EQ(call("GET", "/groups/00000000-0000-0000-0000-000000000001").status, 404);
  EXPECT_EQ(call("PATCH", "/groups/" + field, "{}").status, 405);
}

TEST_F(GraphGroups, ACastNeedsGraphsIndex) {
  const std::string users = "/groups/" + field + "/transitiveMembers/microsoft.graph.user";
  EXPECT_EQ(code_of(call("GET", users)), "Request_UnsupportedQuery");
  const auto answer = call("GET", users + "?$count=true", {}, {{"consistencylevel", "eventual"}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(object_of(answer).at("value").as_array().size(), 3u);
}

TEST_F(GraphGroups, WithoutARightToReadUsersOnlyTypeAndIdAreSeen) {
  be_the_app("User.Read.All");
  EXPECT_EQ(call("GET", "/groups").status, 403);
  be_the_app("GroupMember.Read.All");
  for (const auto& one : list("/groups/" + field + "/members")) {
    const auto& object = one.as_object();
    if (text(object, "@odata.type") != "#microsoft.graph.user") continue;
    EXPECT_TRUE(object.at("userPrincipalName").is_null());
    EXPECT_TRUE(is_guid(text(object, "id")));
  }
}

TEST_F(GraphGroups, AUserKnowsTheGroups) {
  Texts names;
  for (const auto& one : list("/users/helga@contoso.com/transitiveMemberOf/microsoft.graph.group"))
    names.push_back(text(one.as_object(), "displayName"));
  std::ranges::sort(names);
  EXPECT_EQ(names, (Texts{"Drivers", "Field staff"}));
  EXPECT_EQ(list("/users/helga@contoso.com/memberOf").size(), 1u);
  const auto asked = call("POST", "/users/helga@contoso.com/checkMemberGroups", R"({"groupIds":[")" + field + R"("]})");
  EXPECT_EQ(object_of(asked).at("value").as_array().size(), 1u);
}

TEST_F(GraphGroups, MethodsAreThoseThatWereRegistered) {
  admin("POST", "/users", R"({"upn":"helga@contoso.com","methods":["phone","microsoftAuthenticator"]})");
  be_the_app("User.Read.All");
  EXPECT_EQ(call("GET", "/users/helga@contoso.com/authentication/methods").status, 403);
  be_the_app("UserAuthenticationMethod.Read.All");
  Texts kinds;
  for (const auto& one : list("/users/helga@contoso.com/authentication/methods"))
    kinds.push_back(text(one.as_object(), "@odata.type"));
  std::ranges::sort(kinds);
  EXPECT_EQ(kinds, (Texts{"#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
                          "#microsoft.graph.passwordAuthenticationMethod", "#microsoft.graph.phoneAuthenticationMethod"}));
}

}  // namespace
}  // namespace portalkey::sandbox
