#include "app/operations/list_tokens.h"

#include "app/json/token_json.h"
#include "tests/app/tenant_world.h"

namespace portalkey::list_tokens_test {
namespace {

TEST(ListTokens, AreTheDirectorysAsTheyMayBeShown) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.grant();
  world.http.answer(200, R"({"skipToken":null,"items":[
    {"oathId":"1","objectId":"u","upn":"a@contoso.com","serialNumber":"0012","timeInterval":30,"enabled":true,"model":"C200"},
    {"oathId":"2","upn":"","serialNumber":"13"}]})");
  const auto listed = list_tokens(tenant, {});
  ASSERT_TRUE(listed) << listed.error().what;
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ(state_of((*listed)[0]), "active");
  EXPECT_EQ(state_of((*listed)[1]), "unassigned");
  EXPECT_EQ(json_of(*listed),
            R"([{"serial":"0012","upn":"a@contoso.com","state":"active","step":30,"manufacturer":"","model":"C200",)"
            R"("oathId":"1","userId":"u"},{"serial":"13","upn":"","state":"unassigned","step":null,"manufacturer":"",)"
            R"("model":"","oathId":"2","userId":""}])");
}

TEST(ListTokens, WithoutASessionSaysThatSomebodyMustSignIn) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  EXPECT_EQ(list_tokens(tenant, {}).error().code, Errc::needs_person);
}

}  // namespace
}  // namespace portalkey::list_tokens_test
