#include "seeds/model/token_clock.h"

#include <gtest/gtest.h>

#include "otp/base32.h"

namespace portalkey {
namespace {

// RFC 6238, appendix B: the keys of 20, 32 and 64 bytes, and the codes at 1111111109.
TokenSeed rfc_token(Hash hash, std::size_t bytes) {
  std::string key;
  while (key.size() < bytes) key += "1234567890";
  key.resize(bytes);
  TokenSeed token;
  token.base32 = encode_base32(key);
  token.hash = hash;
  token.digits = 8;
  token.step = 30;
  return token;
}

const WallTime kTime = from_unix_seconds(1111111109);

TEST(TokenClock, CodesOfRfc6238) {
  EXPECT_EQ(code_of(rfc_token(Hash::sha1, 20), kTime), "07081804");
  EXPECT_EQ(code_of(rfc_token(Hash::sha256, 32), kTime), "68084774");
  EXPECT_EQ(code_of(rfc_token(Hash::sha512, 64), kTime), "25091201");
}

TEST(TokenClock, ACodeIsFoundAtTheStepsItIsOff) {
  for (const auto& [hash, bytes] : {std::pair(Hash::sha1, 20), {Hash::sha256, 32}, {Hash::sha512, 64}}) {
    const auto token = rfc_token(hash, static_cast<std::size_t>(bytes));
    for (const int steps : {-20, -1, 0, 1, 7, 20}) {
      const auto code = code_of(token, kTime + std::chrono::seconds(30 * steps));
      EXPECT_EQ(steps_of_code(token, code, kTime, 20), std::vector<std::int64_t>{steps});
      if (std::abs(steps) == 20) EXPECT_TRUE(steps_of_code(token, code, kTime, 19).empty());
    }
  }
}

TEST(TokenClock, BeforeTheEpochThereAreNoSteps) {
  const auto token = rfc_token(Hash::sha1, 20);
  EXPECT_EQ(steps_of_code(token, "94287082", from_unix_seconds(0), 20), std::vector<std::int64_t>{1});  // RFC 6238: at 59 s
}

TEST(TokenClock, HotpCountsFromTheFilesCounter) {  // RFC 4226, appendix D
  auto token = rfc_token(Hash::sha1, 20);
  token.type = OtpType::hotp;
  token.digits = 6;
  EXPECT_NE(why_no_code(token), "");
  token.detailed().counter = 0;
  EXPECT_EQ(why_no_code(token), "");
  EXPECT_EQ(code_of(token, kTime), "755224");
  EXPECT_EQ(steps_of_code(token, "520489", kTime, 20), std::vector<std::int64_t>{9});
}

TEST(TokenClock, WhatIsNotKnownIsNotAssumed) {
  auto token = rfc_token(Hash::sha1, 20);
  EXPECT_EQ(why_no_code(token), "");
  token.step.reset();
  EXPECT_NE(why_no_code(token), "");
  token.step = 30;
  token.digits = 5;
  EXPECT_NE(why_no_code(token), "");
  token.digits.reset();
  EXPECT_NE(why_no_code(token), "");
}

}  // namespace
}  // namespace portalkey
