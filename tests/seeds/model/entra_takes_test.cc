#include "seeds/model/entra_takes.h"

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

TEST(EntraTakes, AnOrdinaryToken) {
  EXPECT_FALSE(why_not(good(), Backend::portal));
  EXPECT_FALSE(why_not(good(), Backend::graph));
}

TEST(EntraTakes, Sha256AndLongKeysThroughGraphOnlyWhichIsSaid) {
  auto token = good();
  token.hash = Hash::sha256;
  token.base32 = Secret(std::string(136, 'A'));
  const auto refused = why_not(token, Backend::portal);
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->why.find("SHA-1"), std::string::npos) << refused->why;
  EXPECT_NE(refused->why.find("136"), std::string::npos) << refused->why;
  EXPECT_TRUE(refused->graph_would);
  EXPECT_EQ(refused->remedy, "Microsoft Graph takes it: [[setting|backend|graph]].");
  EXPECT_FALSE(why_not(token, Backend::graph));
}

TEST(EntraTakes, TheRestThroughNeither) {
  const auto refused = [](auto&& change) {
    auto token = good();
    change(token);
    const auto portal = why_not(token, Backend::portal), graph = why_not(token, Backend::graph);
    return portal && !portal->graph_would && graph && !graph->graph_would;
  };
  EXPECT_TRUE(refused([](TokenSeed& t) { t.type = OtpType::hotp; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.digits = 8; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.step = 45; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.step.reset(); }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.hash = Hash::sha512; }));
  EXPECT_TRUE(refused([](TokenSeed& t) { t.serial.clear(); }));
}

TEST(EntraTakes, WhatIsMissingCanBeWrittenAndWhatIsAnotherKindMustBeOrdered) {
  auto token = good();
  token.serial.clear();
  EXPECT_NE(why_not(token, Backend::portal)->remedy.find("column serial number"), std::string::npos);
  token = good();
  token.type = OtpType::hotp;
  EXPECT_TRUE(why_not(token, Backend::graph)->remedy.starts_with("Order tokens that Entra takes"));
}

}  // namespace
}  // namespace portalkey
