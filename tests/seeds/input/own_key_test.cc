#include "seeds/input/own_key.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/base64.h"
#include "otp/base32.h"
#include "seeds/input/checked_tokens.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::vector<std::string> spellings() {
  const std::string key(kKey);
  const std::string bytes = decode_base32(key)->reveal([](std::string_view text) { return std::string(text); });
  std::vector<std::string> out{
      key,         lower(key),     key + "====",           hex(bytes), base64(bytes), base64url(bytes), hex(key),
      base64(key), base64url(key), "key " + key + " of it"};
  std::string grouped;
  for (std::size_t i = 0; i < key.size(); ++i) grouped += (i != 0 && i % 4 == 0 ? "-" : "") + std::string(1, key[i]);
  out.push_back(grouped);
  return out;
}

TEST(OwnKey, IsFoundInEverySpelling) {
  for (const auto& spelling : spellings()) EXPECT_TRUE(OwnKey(kKey).in(spelling)) << spelling;
  for (const std::string_view other : {"", "2308345678901", "Feitian Technologies Co., Ltd", "user.1@contoso.com", "2P62KTLWB",
                                       "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
    EXPECT_FALSE(OwnKey(kKey).in(other)) << other;
  EXPECT_FALSE(OwnKey("").in("x"));
  EXPECT_TRUE(OwnKey("ABCDEFG").in("abc-defg"));
  EXPECT_FALSE(OwnKey("ABCDEFG").in("abcdefgh")) << "a short key must be the whole";
}

TEST(OwnKey, NoRowWithItGetsThroughOrIsQuoted) {
  for (const auto& spelling : spellings()) {
    for (int field = 0; field < 4; ++field) {
      std::string values[] = {"a@contoso.com", "1234", "Acme", "C100"};
      values[field] = spelling;
      const auto reading = read_rows(fmt::format("{},{},{},30,{},{}\n", values[0], values[1], kKey, values[2], values[3]));
      EXPECT_TRUE(reading.tokens.empty()) << field << " " << spelling;
      ASSERT_EQ(reading.problems.size(), 1U) << field << " " << spelling;
      EXPECT_FALSE(lower(reading.said()).contains(lower(spelling.substr(4, 8)))) << reading.said();
      EXPECT_TRUE(reading.problems[0].what.contains("its own secret key") || field == 0 ||
                  reading.problems[0].what.contains("own"))
          << reading.said();

      Reading direct;
      CheckedTokens tokens(direct, {});
      TokenSeed token;
      token.base32 = Secret(kKey);
      token.step = 30;
      token.upn = values[0];
      token.serial = values[1];
      token.manufacturer = values[2];
      token.model = values[3];
      tokens.add(std::move(token));
      direct.summary = tokens.finish();
      EXPECT_TRUE(direct.tokens.empty()) << field << " " << spelling;
      EXPECT_EQ(direct.problems.size(), 1U);
      EXPECT_FALSE(lower(direct.said()).contains(lower(spelling.substr(4, 8)))) << direct.said();
    }
  }
}

}  // namespace
}  // namespace portalkey
