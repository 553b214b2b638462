#include "app/operations/read_portal.h"

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "tests/app/tenant_world.h"

namespace portalkey::read_portal_test {
namespace {

struct World : TenantWorld {
  Tenant tenant{profile(), surroundings()};
  World() {
    sign_in(tenant);
    grant();
  }
};

std::string text(const Secret& secret) {
  return secret.reveal([](std::string_view bare) { return std::string(bare); });
}

PortalRead read(std::string_view name, std::vector<std::pair<std::string, std::string>> parameters = {}) {
  return {read_operation_named(name).value(), std::move(parameters), false};
}

TEST(ReadOperations, HaveNamesOfTheirOwnAndPathsThatParse) {
  std::set<std::string> names;
  for (const auto& one : read_operations()) {
    EXPECT_TRUE(names.insert(lower(one.name)).second) << one.name;
    EXPECT_TRUE(one.path.starts_with('/')) << one.name;
    EXPECT_EQ(std::ranges::count(one.path, '{'), std::ranges::count(one.path, '}')) << one.name;
    EXPECT_FALSE(one.what.empty() || one.answer.empty()) << one.name;
  }
  EXPECT_GT(names.size(), 100u);
}

TEST(ReadOperations, NoneAnswersACredential) {
  for (const char* word : {"ActivationCredentials", "PasswordSsoCredentials", "LicenseKey", "GetOrCreate"})
    EXPECT_TRUE(find_read_operations(word).empty()) << word;
}

TEST(ReadOperations, AreFoundByAWordWhateverItsCase) {
  EXPECT_EQ(find_read_operations("SECURITYDEFAULTS").size(), 2u);
  EXPECT_TRUE(find_read_operations("no such thing").empty());
  EXPECT_EQ(read_operation_named("accountskus.list").value()->path, "/AccountSkus");
  EXPECT_TRUE(read_operation_named("skus").error().remedy.contains("Similar: AccountSkus"))
      << read_operation_named("skus").error().remedy;
}

TEST(PortalPath, IsMadeOfWhatIsGiven) {
  EXPECT_EQ(path_of(read("AccountSkus.List")), "/api/AccountSkus");
  EXPECT_EQ(path_of(read("AccountSkus.List", {{"BackfillTenants", "true"}})), "/api/AccountSkus?backfillTenants=true");
  EXPECT_EQ(path_of(read("Group.id.get", {{"groupId", "a/b?c"}})), "/api/Groups/a%2Fb%3Fc");
  EXPECT_EQ(path_of(read("Policies.List")), "/api/Policies/Policies?top=100&nextLink=null");
  EXPECT_EQ(path_of(read("Policies.List", {{"top", "5"}}), "n 2"), "/api/Policies/Policies?top=5&nextLink=n%202");
  EXPECT_EQ(path_of(read("MultiFactorAuthentication.HardwareToken.Users.List")),
            "/api/MultiFactorAuthentication/HardwareToken/users?skipToken=&upn=&enabledFilter=");
}

TEST(PortalPath, RefusesWhatTheOperationDoesNotTake) {
  const auto refused = [](const PortalRead& one) { return path_of(one).error().what; };
  EXPECT_EQ(refused(read("Group.id.get")), "Group.id.get needs groupId");
  EXPECT_EQ(refused(read("Group.id.get", {{"groupId", ""}})), "groupId is empty, and it is part of the path");
  EXPECT_EQ(refused(read("Group.id.get", {{"groupId", ".."}})), "groupId cannot be ..: it would be another path");
  EXPECT_EQ(refused(read("AccountSkus.List", {{"colour", "red"}})), "AccountSkus.List has no parameter colour");
  EXPECT_EQ(refused(read("Group.list", {{"nextLink", "x"}})), "nextLink is what the service names the next page with");
  EXPECT_EQ(refused(read("Group.list", {{"top", "1"}, {"TOP", "2"}})), "top is given twice");
  EXPECT_EQ(refused(read("Role.User.Assignments.Get", {{"userId", "1"}})), "Role.User.Assignments.Get needs scope");
}

TEST(ReadPortal, JoinsAllPages) {
  World world;
  world.http.answer(200, R"({"items":[{"n":1}],"nextLink":"second","more":7})");
  world.http.answer(200, R"({"items":[{"n":2},{"n":3}],"nextLink":null})");
  const auto body = read_portal(world.tenant, read("Group.list"));
  ASSERT_TRUE(body) << body.error().what;
  EXPECT_EQ(text(*body), R"({"items":[{"n":1},{"n":2},{"n":3}],"nextLink":null,"more":7})");
  EXPECT_TRUE(world.http.sent.back().url.ends_with("/api/Groups?top=100&nextLink=second")) << world.http.sent.back().url;
}

TEST(ReadPortal, TheFirstPageAloneIsAsItCame) {
  World world;
  const std::string page = R"({ "items":[1], "nextLink":"second" })";
  world.http.answer(200, page);
  auto one = read("Group.list");
  one.first_page_only = true;
  EXPECT_EQ(text(*read_portal(world.tenant, one)), page);
}

TEST(ReadPortal, AnotherFormThanRecordedIsAsItCame) {
  World world;
  world.http.answer(200, R"([1,2])");
  EXPECT_EQ(text(*read_portal(world.tenant, read("Group.list"))), "[1,2]");
}

TEST(ReadPortal, AListThatGoesInCirclesEnds) {
  World world;
  for (int i = 0; i < 2; ++i) world.http.answer(200, R"({"items":[1],"nextLink":"again"})");
  const auto body = read_portal(world.tenant, read("Group.list"));
  ASSERT_FALSE(body);
  EXPECT_EQ(body.error().code, Errc::unavailable);
}

TEST(ReadPortal, APageWithoutItemsInTheMiddleIsToldAsThat) {
  World world;
  world.http.answer(200, R"({"items":[1],"nextLink":"second"})");
  world.http.answer(200, R"({"value":[]})");
  EXPECT_EQ(read_portal(world.tenant, read("Group.list")).error().what,
            "the portal API gave a page without items in the middle of a list");
}

}  // namespace
}  // namespace portalkey::read_portal_test
