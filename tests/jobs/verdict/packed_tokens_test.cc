#include "jobs/verdict/packed_tokens.h"

#include <gtest/gtest.h>

#include <set>

namespace portalkey::packed_tokens_test {
namespace {

TenantToken token(std::string serial) {
  TenantToken out;
  out.serial = std::move(serial);
  out.oath_id = "oath-" + out.serial;
  out.user_id = "u";
  out.upn = "anna@contoso.com";
  out.display_name = std::string(300, 'n');
  out.manufacturer = "Contoso";
  out.step = 30;
  return out;
}

void expect_same(const TenantToken& a, const TenantToken& b) {
  EXPECT_EQ(a.serial, b.serial);
  EXPECT_EQ(a.oath_id, b.oath_id);
  EXPECT_EQ(a.user_id, b.user_id);
  EXPECT_EQ(a.upn, b.upn);
  EXPECT_EQ(a.display_name, b.display_name);
  EXPECT_EQ(a.manufacturer, b.manufacturer);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.active, b.active);
}

TEST(PackedTokens, ATokenComesOutAsItWentIn) {
  PackedTokens tokens;
  std::vector<TenantToken> all{token("1"), token(""), token(std::string(100'000, 's')), TenantToken()};
  all[0].step.reset();
  all[1].step = -5;
  all[3].serial = std::string("a\0b", 3);
  for (auto& one : all) tokens.put(one);
  for (const auto& one : all) {
    const auto found = tokens.find(one.serial);
    ASSERT_TRUE(found);
    expect_same(*found, one);
  }
  EXPECT_EQ(tokens.find("2"), nullptr);
  EXPECT_EQ(tokens.size(), all.size());
}

TEST(PackedTokens, TheNewestOfASerialNumberIsHeld) {
  PackedTokens tokens;
  TenantToken one = token("1");
  tokens.put(one);
  one.active = true;  // as long
  tokens.put(one);
  expect_same(*tokens.find("1"), one);
  one.upn = "a.longer.name@contoso.com";
  tokens.put(one);
  expect_same(*tokens.find("1"), one);
  EXPECT_EQ(tokens.size(), 1u);
}

TEST(PackedTokens, ManyAreEachThereOnce) {
  PackedTokens tokens;
  for (int i = 0; i < 20'000; ++i) tokens.put(token(std::to_string(i % 10'000)));
  std::set<std::string> seen;
  tokens.each([&](const TenantToken& one) { seen.insert(one.serial); });
  EXPECT_EQ(seen.size(), 10'000u);
  EXPECT_EQ(tokens.size(), 10'000u);
}

}  // namespace
}  // namespace portalkey::packed_tokens_test
