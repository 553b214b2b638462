#include "provision/names.h"

#include <gtest/gtest.h>

namespace portalkey::names_test {
namespace {

TEST(Names, AUuidV5HasItsVersionAndVariantAndStaysTheSame) {
  const auto one = uuid_v5("app role|Tokens.Read");
  EXPECT_EQ(one, uuid_v5("app role|Tokens.Read"));
  EXPECT_NE(one, uuid_v5("app role|Tokens.Write"));
  ASSERT_EQ(one.size(), 36U);
  EXPECT_EQ(one[14], '5');
  EXPECT_NE(std::string("89ab").find(one[19]), std::string::npos);
}

TEST(Names, ARoleAssignmentIsCalledTheSameWhateverTheLetterCase) {
  EXPECT_EQ(role_assignment_name("/subscriptions/A/resourceGroups/g", "P", kSecretsOfficerRole),
            role_assignment_name("/subscriptions/a/resourcegroups/G", "p", kSecretsOfficerRole));
}

TEST(Names, DerivedVaultNamesAreVaultNamesAndDifferByAttempt) {
  const auto first = derived_vault_name("11111111-2222-3333-4444-555555555555", "portalkey", "default", 0);
  EXPECT_TRUE(is_vault_name(first)) << first;
  EXPECT_EQ(first.size(), 22U);
  EXPECT_NE(first, derived_vault_name("11111111-2222-3333-4444-555555555555", "portalkey", "default", 1));
  EXPECT_NE(first, derived_vault_name("11111111-2222-3333-4444-555555555555", "portalkey", "other", 0));
}

TEST(Names, VaultNamesFollowAzuresRule) {
  for (const char* good : {"abc", "a-b-c", "Contoso-KV1", "a23456789012345678901234"}) EXPECT_TRUE(is_vault_name(good)) << good;
  for (const char* bad : {"", "ab", "1abc", "-abc", "abc-", "a--b", "a_b", "a.b", "a234567890123456789012345"}) {
    EXPECT_FALSE(is_vault_name(bad)) << bad;
  }
}

TEST(GroupName, AsAzureHasThem) {
  for (const char* name : {"portalkey", "a.b-c_(1)", "Gr\xc3\xbc\xc3\x9f", "1"}) EXPECT_TRUE(is_group_name(name)) << name;
  for (const char* name : {"", ".", "..", "a.", "a/b", "../x", "a?b", "a#b", "a%2fb", "a\\b", "a b", "a\nb"})
    EXPECT_FALSE(is_group_name(name)) << name;
  EXPECT_FALSE(is_group_name(std::string(91, 'a')));
}

}  // namespace
}  // namespace portalkey::names_test
