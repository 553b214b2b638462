#include "seeds/model/token_seed.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

TokenSeed good() {
  TokenSeed token;
  token.serial = "0012345";
  token.base32 = Secret(kKey);
  token.step = 60;
  return token;
}

TEST(WhyNot, NothingAgainstAnOrdinaryToken) {
  EXPECT_EQ(why_not_portal(good()), "");
  EXPECT_EQ(why_not_graph(good()), "");
}

TEST(WhyNot, OnlyGraphTakesSha256AndLongKeys) {
  auto token = good();
  token.hash = Hash::sha256;
  token.base32 = Secret(std::string(136, 'A'));
  EXPECT_NE(why_not_portal(token).find("SHA-1"), std::string::npos);
  EXPECT_NE(why_not_portal(token).find("136"), std::string::npos);
  EXPECT_EQ(why_not_graph(token), "");
}

TEST(WhyNot, NeitherTakesTheRest) {
  const auto refused = [](auto&& change) {
    auto token = good();
    change(token);
    return !why_not_portal(token).empty() && !why_not_graph(token).empty();
  };
  EXPECT_TRUE(refused([](TokenSeed& t) { t.type = OtpType::hotp; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.digits = 8; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.step = 45; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.step.reset(); }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.hash = Hash::sha512; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.serial.clear(); }));
}

TEST(TokenSeed, KeyIsWhatTheBase32Says) {
  EXPECT_EQ(text_of(good().key()), from_hex("d3fda54d760cab3c1cf06f66d10ab40eb691d48d"));
}

}  // namespace
}  // namespace portalkey
