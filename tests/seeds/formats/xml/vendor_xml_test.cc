#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kSafenet =
    "<Tokens>\n<Token serial=\"00040008\"><Model>101</Model><Applications><Application ConnectorID=\"{a}\">\n"
    "<Seed>3132333435363738\n "
    "393031323334353637383930</Seed><MovingFactor>7</MovingFactor></Application></Applications></Token>\n"
    "<Token serial=\"ODD\"><Applications><Application><seed>313233343</seed></Application></Applications></Token>\n"
    "<Token "
    "serial=\"LESS\"/>\n<Token><Applications><Application><Seed>313233343536</Seed></Application></Applications></Token>\n"
    "</Tokens>\n";

TEST(VendorXml, Safenet) {
  const auto reading = read_text(kSafenet);
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "safenet-xml");
  ASSERT_EQ(reading.tokens.size(), 1U);
  const auto& token = reading.tokens[0];
  EXPECT_EQ(token.serial, "00040008");
  EXPECT_EQ(token.model, "101");
  EXPECT_EQ(token.type, OtpType::hotp);
  EXPECT_EQ(token.details->counter, 7);
  EXPECT_EQ(text_of(token.key()), "12345678901234567890");
  ASSERT_EQ(reading.problems.size(), 3U);
  EXPECT_EQ(reading.problems[0].serial, "ODD");
  EXPECT_EQ(reading.problems[0].line, 5);
  EXPECT_EQ(reading.problems[1].serial, "LESS");
  EXPECT_EQ(reading.problems[2].field, "serial number");
  EXPECT_EQ(reading.said().find("3132"), std::string::npos);
}

TEST(VendorXml, CutAnywhereItIsRefused) {
  for (std::size_t size = kSafenet.find("serial"); size < kSafenet.rfind('>'); ++size) {
    EXPECT_FALSE(read_text(kSafenet.substr(0, size)).summary) << size;
  }
}

TEST(VendorXml, Deepnet) {
  const auto reading = read_text(
      "<?xml version=\"1.0\"?><tokens><token><serial_number>1001</serial_number><seed>GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ</seed>"
      "<time_interval>60</time_interval></token><token serial=\"1002\" seed=\"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"/></tokens>");
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_EQ(reading.summary->format, "deepnet-xml");
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].step, 60);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].field, "time interval");
}

}  // namespace
}  // namespace portalkey
