#include "azure/directory_users.h"

#include <fmt/format.h>

#include "tests/provision/provision_world.h"

namespace portalkey::directory_users_test {
namespace {

TEST(FindUsers, TellsWhoIsThereAndWhatIsKnownOfThem) {
  ProvisionWorld world;
  world.http.answer(200, R"({"value":[{"userPrincipalName":"Anna@contoso.com","accountEnabled":false,"userType":"Member"},
                                      {"userPrincipalName":"o'brien@contoso.com","accountEnabled":null,"userType":null},
                                      {"userPrincipalName":"visitor@contoso.com","accountEnabled":true,"userType":"Guest"}]})");
  const auto found =
      find_users(Graph(world.azure), {"anna@contoso.com", "o'brien@contoso.com", "visitor@contoso.com", "gone@contoso.com"});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ(found->at("anna@contoso.com").enabled, false);
  EXPECT_EQ(found->at("anna@contoso.com").guest, false);
  EXPECT_FALSE(found->at("o'brien@contoso.com").enabled) << "not shown is not disabled";
  EXPECT_FALSE(found->at("o'brien@contoso.com").guest);
  EXPECT_EQ(found->at("visitor@contoso.com").guest, true);
  EXPECT_NE(world.http.sent[0].url.find("o%27%27brien%40contoso.com"), std::string::npos) << world.http.sent[0].url;
}

TEST(FindUsers, AsksForNoMoreThanGraphTakesAtOnce) {
  ProvisionWorld world;
  std::vector<std::string> upns;
  for (int i = 0; i < 31; ++i) upns.push_back(fmt::format("user{}@contoso.com", i));
  for (int i = 0; i < 3; ++i) world.http.answer(200, R"({"value":[]})");
  std::vector<std::size_t> steps;
  ASSERT_TRUE(find_users(Graph(world.azure), upns, [&](std::size_t done) { steps.push_back(done); }));
  EXPECT_EQ(steps, (std::vector<std::size_t>{15, 30, 31}));
}

TEST(FindUsers, ARefusalIsNoAbsence) {
  ProvisionWorld world;
  world.http.answer(403, R"({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}})");
  const auto found = find_users(Graph(world.azure), {"anna@contoso.com"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Errc::forbidden);
}

}  // namespace
}  // namespace portalkey::directory_users_test
