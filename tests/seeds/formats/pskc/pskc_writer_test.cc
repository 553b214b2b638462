#include "seeds/formats/pskc/pskc_writer.h"

#include <gtest/gtest.h>

#include <random>

#include "otp/base32.h"
#include "seeds/formats/pskc/pskc_cipher.h"
#include "seeds/formats/pskc/pskc_reader.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr int kFewRounds = 1000;

std::string written(const PskcProtection& protection, const std::vector<TokenSeed>& tokens) {
  std::string text;
  PskcWriter writer(
      protection, random_bytes,
      [&](std::string_view part) -> Result<void> {
        text += part;
        return {};
      },
      kFewRounds);
  EXPECT_TRUE(writer.begin());
  for (const auto& token : tokens) EXPECT_TRUE(writer.add(token));
  EXPECT_TRUE(writer.end());
  return text;
}

Reading read(std::string_view text, const PskcProtection& protection) {
  Reading reading;
  MemorySource source(text);
  reading.summary =
      read_pskc(source, {.key = protection.key, .passphrase = protection.passphrase, .today = "2026-01-01"}, reading);
  return reading;
}

std::string text_from(std::mt19937& chance, std::size_t most) {
  constexpr std::string_view kPieces[] = {"a", "Z", "0", "&", "<", ">", "\"", "'", "ü", "山", "-", "]]>", "é x"};
  std::string text;
  for (auto n = chance() % (most + 1); n > 0; --n) text += kPieces[chance() % std::size(kPieces)];
  return text;
}

TokenSeed token_from(std::mt19937& chance, int nth) {
  TokenSeed token;
  token.serial = "00" + std::to_string(nth) + text_from(chance, 3);
  token.manufacturer = "M" + text_from(chance, 8);
  token.model = "m" + text_from(chance, 5);
  constexpr OtpType kTypes[] = {OtpType::totp, OtpType::hotp, OtpType::ocra, OtpType::pin, OtpType::other, OtpType::unknown};
  token.type = kTypes[chance() % std::size(kTypes)];
  const bool otp = token.type == OtpType::totp || token.type == OtpType::hotp;
  token.hash.reset();
  if (otp) token.hash = static_cast<Hash>(chance() % 3);
  token.digits = 6 + static_cast<int>(chance() % 3);
  if (token.type == OtpType::totp) token.step = 1 + static_cast<int>(chance() % 300);
  std::string bytes;
  for (auto n = 10 + chance() % 71; n > 0; --n) bytes += static_cast<char>(chance());
  token.base32 = encode_base32(bytes);
  if (chance() % 2 == 0) token.upn = "user" + std::to_string(nth) + "@contoso.example";
  auto& details = token.detailed();
  details.key_id = "id" + text_from(chance, 4);
  details.friendly_name = text_from(chance, 6);
  if (token.type == OtpType::other) details.algorithm = "http://vendor.example/#own-" + std::to_string(chance() % 9);
  if (chance() % 2 == 0 || token.type == OtpType::hotp) details.counter = static_cast<std::int64_t>(chance());
  if (chance() % 2 == 0) details.drift = static_cast<std::int64_t>(chance() % 100) - 50;
  if (chance() % 2 == 0) details.not_before = "2024-02-29";
  if (chance() % 2 == 0) details.not_after = "2035-12-31";
  return token;
}

void expect_same(const TokenSeed& a, const TokenSeed& b) {
  EXPECT_EQ(a.serial, b.serial);
  EXPECT_EQ(a.manufacturer, b.manufacturer);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.digits, b.digits);
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.upn, b.upn);
  EXPECT_EQ(text_of(a.base32), text_of(b.base32));
  EXPECT_EQ(a.details->key_id, b.details->key_id);
  EXPECT_EQ(a.details->friendly_name, b.details->friendly_name);
  EXPECT_EQ(a.details->algorithm, b.details->algorithm);
  EXPECT_EQ(a.details->counter, b.details->counter);
  EXPECT_EQ(a.details->drift, b.details->drift);
  EXPECT_EQ(a.details->not_before, b.details->not_before);
  EXPECT_EQ(a.details->not_after, b.details->not_after);
}

TEST(PskcWriter, WhatIsWrittenIsReadAgain) {
  const Secret key("0123456789abcdef"), passphrase("correct horse");
  std::mt19937 chance(6030);
  for (const auto& protection : {PskcProtection{}, PskcProtection{.key = &key, .passphrase = nullptr, .key_name = "<A&B>"},
                                 PskcProtection{.key = nullptr, .passphrase = &passphrase, .key_name = ""}}) {
    std::vector<TokenSeed> tokens;
    for (int i = 0; i < 200; ++i) tokens.push_back(token_from(chance, i));
    const auto text = written(protection, tokens);
    const auto reading = read(text, protection);
    ASSERT_TRUE(reading.summary) << reading.summary.error().what;
    EXPECT_TRUE(reading.problems.empty());
    ASSERT_EQ(reading.tokens.size(), tokens.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      SCOPED_TRACE(i);
      expect_same(tokens[i], reading.tokens[i]);
    }
  }
}

TEST(PskcWriter, AnAlteredByteIsNoticed) {
  const Secret key("0123456789abcdef");
  std::mt19937 chance(1);
  std::vector<TokenSeed> tokens;
  tokens.push_back(token_from(chance, 0));
  const auto text = written({.key = &key, .passphrase = nullptr, .key_name = ""}, tokens);
  const auto from = text.find("<xenc:CipherValue>", text.find("<KeyPackage>")) + 18,
             to = text.find("</xenc:CipherValue>", from);
  for (auto i = from; i < to; ++i) {
    auto altered = text;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    const auto reading = read(altered, {.key = &key, .passphrase = nullptr, .key_name = ""});
    EXPECT_FALSE(reading.summary) << i;
    EXPECT_TRUE(reading.tokens.empty()) << i;
  }
}

TEST(PskcWriter, NoTwoFilesAlike) {
  const Secret passphrase("p");
  const PskcProtection protection{.key = nullptr, .passphrase = &passphrase, .key_name = ""};
  std::mt19937 chance(2);
  std::vector<TokenSeed> tokens;
  tokens.push_back(token_from(chance, 0));
  EXPECT_NE(written(protection, tokens), written(protection, tokens));
}

TEST(PskcWriter, RefusesWhatCannotBe) {
  const Secret short_key("short"), empty("");
  const auto ignore = [](std::string_view) -> Result<void> { return {}; };
  EXPECT_FALSE(PskcWriter({.key = &short_key, .passphrase = nullptr, .key_name = ""}, random_bytes, ignore).begin());
  EXPECT_FALSE(PskcWriter({.key = nullptr, .passphrase = &empty, .key_name = ""}, random_bytes, ignore).begin());
  EXPECT_FALSE(PskcWriter({.key = &short_key, .passphrase = &empty, .key_name = ""}, random_bytes, ignore).begin());
  PskcWriter writer({}, random_bytes, ignore);
  ASSERT_TRUE(writer.begin());
  TokenSeed token;
  token.serial = std::string("1\0002", 3);
  EXPECT_FALSE(writer.add(token));
}

}  // namespace
}  // namespace portalkey
