#include "app/operations/report_on_tokens.h"

#include <fstream>

#include "app/json/token_json.h"
#include "tests/app/tenant_world.h"

namespace portalkey::report_on_tokens_test {
namespace {

constexpr const char* kTokens = R"({"skipToken":null,"items":[
    {"oathId":"1","objectId":"u","upn":"a@contoso.com","serialNumber":"11","enabled":false},
    {"oathId":"2","serialNumber":"12"},
    {"oathId":"3","objectId":"v","upn":"b@contoso.com","serialNumber":"13","enabled":true}]})";

TEST(ReportOnTokens, SaysWhatToLookAtAndWhatCouldNotBeChecked) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  world.sign_in(tenant);
  world.grant();
  world.http.answer(200, kTokens);
  std::ofstream(world.folder / "users.csv") << "upn\nb@contoso.com\nc@contoso.com\n";
  const auto report = report_on_tokens(tenant, {std::chrono::days(0), world.folder / "users.csv"});
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->found.tokens, 3u);
  EXPECT_EQ(report->found.active, 1u);
  ASSERT_EQ(report->found.spare.size(), 1u);
  EXPECT_EQ(report->found.spare[0]->serial, "12");
  EXPECT_EQ(report->found.without_token, std::vector<std::string>{"c@contoso.com"});
  ASSERT_EQ(report->not_checked.size(), 1u) << "no credential for Graph";
  EXPECT_TRUE(report->not_checked[0].remedy.contains("[[setting|credential]]"));
  const auto json = json_of(*report, [](std::string_view text) { return "<" + std::string(text) + ">"; });
  EXPECT_TRUE(json.contains(R"("spare":[{"serial":"12","upn":"","userId":""}])")) << json;
  EXPECT_TRUE(json.contains(R"("usersWithoutToken":["c@contoso.com"])")) << json;
  EXPECT_TRUE(json.contains(R"("remedy":"<)")) << "put into words by the face: " << json;
}

TEST(ReportOnTokens, AListThatIsNotThereIsToldBeforeTheTenantIsAsked) {
  TenantWorld world;
  Tenant tenant(world.profile(), world.surroundings());
  EXPECT_FALSE(report_on_tokens(tenant, {std::chrono::days(14), world.folder / "none.csv"}));
  EXPECT_TRUE(world.http.sent.empty());
}

}  // namespace
}  // namespace portalkey::report_on_tokens_test
