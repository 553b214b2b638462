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

/// Six tokens, of which the portal is asked for in one page.
class ListedTokens : public ::testing::Test {
 protected:
  ListedTokens() : tenant(world.profile(), world.surroundings()) {}
  std::vector<std::string> serials(const TokenQuery& query) {
    if (std::exchange(first, false)) {
      world.sign_in(tenant);
      world.grant();
    }
    world.http.answer(200, R"({"skipToken":null,"items":[
      {"oathId":"1","objectId":"u","upn":"b@contoso.com","serialNumber":"T10","timeInterval":30,"enabled":true,"manufacturer":"Contoso","model":"C200"},
      {"oathId":"2","objectId":"v","upn":"A@contoso.com","serialNumber":"t9","timeInterval":60,"enabled":false,"manufacturer":"contoso","model":"C100"},
      {"oathId":"3","upn":"","serialNumber":"T009","timeInterval":30,"manufacturer":"Fabrikam","model":"C100"},
      {"oathId":"4","objectId":"u","upn":"b@contoso.com","serialNumber":"X[1]","timeInterval":30,"enabled":false,"manufacturer":"Fabrikam"}]})");
    const auto listed = list_tokens(tenant, query);
    EXPECT_TRUE(listed) << listed.error().what;
    std::vector<std::string> out;
    for (const auto& token : *listed) out.push_back(token.serial);
    return out;
  }

  using Serials = std::vector<std::string>;
  TenantWorld world;
  Tenant tenant;
  bool first = true;
};

TEST_F(ListedTokens, PatternsAreGlobsInAnyLetterCase) {
  EXPECT_EQ(serials({.serial = "t*"}), (Serials{"T10", "t9", "T009"}));
  EXPECT_EQ(serials({.serial = "T?"}), (Serials{"t9"}));
  EXPECT_EQ(serials({.serial = "T"}), Serials{});
  EXPECT_EQ(serials({.serial = "x\\[*"}), (Serials{"X[1]"}));
  EXPECT_EQ(serials({.manufacturer = "CONTOSO", .model = "c[12]00"}), (Serials{"T10", "t9"}));
}

TEST_F(ListedTokens, StatesAreThoseOfTheList) {
  EXPECT_EQ(serials({.state = TokenState::unassigned}), (Serials{"T009"}));
  EXPECT_EQ(serials({.state = TokenState::not_activated}), (Serials{"t9", "X[1]"}));
}

TEST_F(ListedTokens, AreSortedByWhatPeopleReadInThem) {
  EXPECT_EQ(serials({.order = {{TokenColumn::serial}}}), (Serials{"t9", "T009", "T10", "X[1]"}));
  EXPECT_EQ(serials({.order = {{TokenColumn::serial, true}}}), (Serials{"X[1]", "T10", "t9", "T009"}));
  EXPECT_EQ(serials({.order = {{TokenColumn::upn}, {TokenColumn::serial, true}}}), (Serials{"T009", "t9", "X[1]", "T10"}));
  EXPECT_EQ(serials({.order = {{TokenColumn::interval}, {TokenColumn::model}}}), (Serials{"X[1]", "T009", "T10", "t9"}));
}

TEST(TokenQueries, NameWhatThereIs) {
  EXPECT_EQ(token_state_of("unassigned"), TokenState::unassigned);
  EXPECT_EQ(token_state_of("lost"), std::nullopt);
  EXPECT_EQ(token_order_of("model:desc")->descending, true);
  EXPECT_EQ(token_order_of("model:up"), std::nullopt);
  EXPECT_EQ(token_order_of("colour"), std::nullopt);
  EXPECT_EQ(token_order_of(""), std::nullopt);
}

TEST(ListTokens, WithoutASessionSaysThatSomebodyMustSignIn) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  EXPECT_EQ(list_tokens(tenant, {}).error().code, Errc::needs_person);
}

}  // namespace
}  // namespace portalkey::list_tokens_test
