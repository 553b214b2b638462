#include "seeds/input/checked_tokens.h"

#include <gtest/gtest.h>

#include "seeds/input/key_fields.h"
#include "seeds/input/utf8.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

TokenSeed token(std::string serial) {
  TokenSeed out;
  out.serial = std::move(serial);
  out.base32 = Secret(kKey);
  out.step = 30;
  return out;
}

TEST(CheckedTokens, NoControlCharacterGetsThrough) {
  Reading reading;
  CheckedTokens tokens(reading, {});
  tokens.add(
      token("12\xC2\x9B"
            "31m"));  // U+009B, which a terminal takes for ESC [
  auto second = token("2");
  second.detailed().friendly_name = "a\x7f";
  tokens.add(std::move(second));
  auto third = token("3");
  third.model =
      "\xE2\x80\xAE"
      "evil";  // U+202E turns the direction of writing
  tokens.add(std::move(third));
  tokens.add(token("4\xC3\xA4"));
  reading.summary = tokens.finish();
  ASSERT_EQ(reading.problems.size(), 3U);
  EXPECT_EQ(reading.problems[0].field, "serial number");
  EXPECT_EQ(reading.problems[0].serial, "");
  EXPECT_EQ(reading.problems[2].field, "model");
  ASSERT_EQ(reading.tokens.size(), 1U);
  EXPECT_EQ(reading.tokens[0].nth, 4);
  EXPECT_EQ(reading.summary->rows, 4);
}

TEST(CheckedTokens, DelimitedTextNeither) {
  const auto reading = read_rows(
      "a@contoso.com,1,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN,30,Acme,a\x7f\n"
      "b@contoso.com,2\xC2\x9B"
      "3,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN,30,Acme,C\n"
      "c@contoso.com,3,2P62KTLWBSVTYHHQN5TNCCVUB23JDVEN,30,A\xC2\x85"
      "cme,C\n");
  EXPECT_EQ(reading.problems.size(), 3U) << reading.said();
  EXPECT_TRUE(reading.tokens.empty());
  EXPECT_FALSE(has_control_character(reading.said().substr(0, reading.said().find('\n')))) << reading.said();
}

}  // namespace
}  // namespace portalkey
