#include "sandbox/world/generated_users.h"

#include <gtest/gtest.h>

#include <set>

namespace portalkey::sandbox {
namespace {

TEST(GeneratedUsers, EachIsFoundByNameAndId) {
  const GeneratedUsers users(1, 200'000);
  std::set<std::string> ids;
  for (std::uint32_t number = 1; number <= 200'000; number += 997) {
    const auto user = users.user(number);
    EXPECT_EQ(users.by_upn(user.upn), number);
    EXPECT_EQ(users.by_oid(user.oid), number);
    EXPECT_EQ(user.oid.size(), 36u);
    ids.insert(user.oid);
  }
  EXPECT_EQ(ids.size(), 201u);
  EXPECT_EQ(users.user(7).upn, "employee.000007@contoso.com");
  EXPECT_TRUE(users.user(50).disabled);
  EXPECT_FALSE(users.user(51).disabled);
}

TEST(GeneratedUsers, NobodyElse) {
  const GeneratedUsers users(1, 100);
  for (const auto* upn : {"employee.000101@contoso.com", "employee.000000@contoso.com", "employee.1@contoso.com",
                          "employee.000001@fabrikam.com", "employee.000001", "anna@contoso.com"})
    EXPECT_FALSE(users.by_upn(upn)) << upn;
  EXPECT_FALSE(users.by_oid(GeneratedUsers(1, 200).user(101).oid));
  EXPECT_FALSE(users.by_oid(GeneratedUsers(2, 100).user(1).oid));
  EXPECT_FALSE(users.by_oid("no id"));
  EXPECT_FALSE(GeneratedUsers(1, 0).by_upn("employee.000001@contoso.com"));
}

TEST(GeneratedUsers, PageAfterPageTellsEachOnce) {
  const GeneratedUsers users(3, 1000);
  std::set<std::uint32_t> seen;
  std::string last;
  for (;;) {
    const auto page = users.after(last, 64);
    if (page.empty()) break;
    for (const auto number : page) {
      EXPECT_GT(users.user(number).oid, last);
      last = users.user(number).oid;
      EXPECT_TRUE(seen.insert(number).second);
    }
  }
  EXPECT_EQ(seen.size(), 1000u);
}

}  // namespace
}  // namespace portalkey::sandbox
