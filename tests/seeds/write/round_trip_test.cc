// Whatever a writer takes, its reader gives back; whatever it does not take, it gives a reason for.

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "otp/base32.h"
#include "seeds/write/token_writer.h"
#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr int kTokens = 400;

std::string words(std::mt19937& chance, std::size_t most) {
  constexpr std::string_view kPieces[] = {"a", "Z", "0", "&", "<", "\"", "'", "ü",   "山",
                                          "-", ",", ";", "=", "%", ":",  "+", "é x", "]]>"};
  std::string text;
  for (auto n = chance() % (most + 1); n > 0; --n) text += kPieces[chance() % std::size(kPieces)];
  return text;
}

/// Any token, among them such as a format cannot hold.
TokenSeed any_token(std::mt19937& chance, int nth) {
  const auto one_in = [&](unsigned n) { return chance() % n == 0; };
  TokenSeed token;
  if (!one_in(20)) token.serial = "00" + std::to_string(nth) + (one_in(4) ? words(chance, 3) : "") + "k";
  token.upn = one_in(3) ? "" : "user" + std::to_string(nth) + "@contoso.com";
  token.manufacturer = one_in(2) ? "Contoso" : "M" + words(chance, 6) + "m";
  token.model = one_in(2) ? "" : "K" + words(chance, 6) + "k";
  constexpr OtpType kTypes[] = {OtpType::totp, OtpType::totp, OtpType::totp,  OtpType::totp,  OtpType::hotp,
                                OtpType::ocra, OtpType::pin,  OtpType::steam, OtpType::other, OtpType::unknown};
  token.type = kTypes[chance() % std::size(kTypes)];
  token.hash = one_in(2) ? Hash::sha1 : static_cast<Hash>(chance() % 3);
  token.digits = one_in(2) ? 6 : 6 + static_cast<int>(chance() % 3);
  if (token.type == OtpType::steam) token.digits = 5;
  if (token.type == OtpType::other) token.digits = 44;  // a YubiKey
  if (token.type == OtpType::totp) token.step = one_in(4) ? 1 + static_cast<int>(chance() % 300) : one_in(2) ? 30 : 60;
  if (one_in(30)) token.hash.reset();
  if (one_in(30)) token.digits.reset();
  if (one_in(30)) token.step.reset();
  std::string bytes;
  for (auto n = 16 + chance() % (one_in(10) ? 100 : 20); n > 0; --n) bytes += static_cast<char>(chance());
  if (!one_in(30)) token.base32 = encode_base32(bytes);
  if (token.type == OtpType::hotp && !one_in(10)) token.detailed().counter = static_cast<std::int64_t>(chance());
  if (token.type == OtpType::other) token.detailed().algorithm = "http://vendor.example/#own-" + std::to_string(chance() % 9);
  if (one_in(3)) token.detailed().label = "l" + words(chance, 4) + "l";
  if (one_in(3)) token.detailed().issuer = "i" + words(chance, 4) + "i";
  if (one_in(3)) token.detailed().key_id = "id" + std::to_string(nth);
  if (one_in(3)) token.detailed().friendly_name = "f" + words(chance, 4) + "f";
  if (one_in(4)) token.detailed().drift = static_cast<std::int64_t>(chance() % 100) - 50;
  if (one_in(4)) token.detailed().not_before = "2024-02-29";
  if (one_in(4)) token.detailed().not_after = "2035-12-31";
  if (one_in(4)) token.detailed().assign_to = "6f9619ff-8b86-d011-b42d-00c04fc964f" + std::to_string(chance() % 10);
  return token;
}

/// What makes the codes, and whose they are by number: no format may change it.
void expect_same_device(const TokenSeed& a, const TokenSeed& b) {
  EXPECT_EQ(a.serial, b.serial);
  EXPECT_EQ(a.type, b.type);
  EXPECT_EQ(text_of(a.key()), text_of(b.key()));
  if (a.type != OtpType::totp && a.type != OtpType::hotp) return;
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.digits, b.digits);
  EXPECT_EQ(a.step, b.step);
}

void expect_same(const TokenSeed& a, const TokenSeed& b, std::initializer_list<std::string TokenDetails::*> texts) {
  static const TokenDetails kNone;
  const auto& x = a.details ? *a.details : kNone;
  const auto& y = b.details ? *b.details : kNone;
  for (const auto text : texts) EXPECT_EQ(x.*text, y.*text);
}
void expect_same_numbers(const TokenSeed& a, const TokenSeed& b) {
  EXPECT_EQ(a.details ? a.details->counter : std::nullopt, b.details ? b.details->counter : std::nullopt);
  EXPECT_EQ(a.details ? a.details->drift : std::nullopt, b.details ? b.details->drift : std::nullopt);
}
void expect_same_names(const TokenSeed& a, const TokenSeed& b) {
  EXPECT_EQ(a.upn, b.upn);
  EXPECT_EQ(a.manufacturer, b.manufacturer);
  EXPECT_EQ(a.model, b.model);
}

using Make = std::function<std::unique_ptr<TokenWriter>(WriteOut)>;
using Compare = std::function<void(const TokenSeed&, const TokenSeed&)>;

void round_trip(unsigned seed, const Make& make, const Compare& compare, const SeedFileOptions& options = {}) {
  std::mt19937 chance(seed);
  std::string file;
  const auto writer = make([&](std::string_view part) -> Result<void> {
    file += part;
    return {};
  });
  ASSERT_TRUE(writer->begin());
  std::vector<TokenSeed> taken;
  for (int i = 0; i < kTokens; ++i) {
    auto token = any_token(chance, i);
    if (!writer->why_not(token).empty()) continue;
    ASSERT_TRUE(writer->add(token));
    taken.push_back(std::move(token));
  }
  ASSERT_TRUE(writer->end());
  ASSERT_GT(taken.size(), 30U) << "nothing much was tried";

  Reading reading;
  MemorySource source(file);
  reading.summary = read_seeds(source, options, reading);
  ASSERT_TRUE(reading.summary) << reading.said();
  EXPECT_TRUE(reading.problems.empty()) << reading.said();
  const auto back = reading.good();
  ASSERT_EQ(back.size(), taken.size()) << reading.said();
  for (std::size_t i = 0; i < taken.size(); ++i) {
    SCOPED_TRACE("token " + std::to_string(i) + ", serial number " + taken[i].serial);
    expect_same_device(taken[i], *back[i]);
    compare(taken[i], *back[i]);
  }
}

TEST(RoundTrip, EntraCsv) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    round_trip(seed, make_entra_csv_writer, [](const TokenSeed& a, const TokenSeed& b) {
      EXPECT_EQ(a.upn, b.upn);
      const auto writer = make_entra_csv_writer([](std::string_view) -> Result<void> { return {}; });
      if (writer->loss(a).find("taken out of") == std::string::npos) expect_same_names(a, b);  // else it has been said
    });
  }
}

TEST(RoundTrip, GraphJson) {
  for (const unsigned seed : {4U, 5U, 6U}) {
    round_trip(seed, make_graph_json_writer, [](const TokenSeed& a, const TokenSeed& b) {
      EXPECT_EQ(a.manufacturer, b.manufacturer);
      EXPECT_EQ(a.model, b.model);
      expect_same(a, b, {&TokenDetails::assign_to});
    });
  }
}

TEST(RoundTrip, OwnJsonHoldsEverything) {
  for (const unsigned seed : {7U, 8U, 9U}) {
    round_trip(
        seed,
        [](WriteOut out) { return make_json_writer(std::move(out), [](std::string_view text) { return std::string(text); }); },
        [](const TokenSeed& a, const TokenSeed& b) {
          expect_same_names(a, b);
          EXPECT_EQ(a.hash, b.hash);
          EXPECT_EQ(a.digits, b.digits);
          EXPECT_EQ(a.step, b.step);
          expect_same(a, b,
                      {&TokenDetails::algorithm, &TokenDetails::suite, &TokenDetails::issuer, &TokenDetails::label,
                       &TokenDetails::key_id, &TokenDetails::user_id, &TokenDetails::friendly_name, &TokenDetails::assign_to,
                       &TokenDetails::not_before, &TokenDetails::not_after});
          expect_same_numbers(a, b);
        });
  }
}

TEST(RoundTrip, Otpauth) {
  for (const unsigned seed : {10U, 11U, 12U}) {
    round_trip(seed, make_otpauth_writer, [](const TokenSeed& a, const TokenSeed& b) {
      const auto first = [](const std::string& x, const std::string& y, const std::string& z) {
        return !x.empty() ? x : !y.empty() ? y : z;
      };
      const bool detailed = a.details != nullptr;
      EXPECT_EQ(b.details->label, first(detailed ? a.details->label : "", a.upn, a.serial));
      EXPECT_EQ(b.details->issuer, first(detailed ? a.details->issuer : "", a.manufacturer, ""));
      if (a.type == OtpType::hotp) EXPECT_EQ(a.details->counter, b.details->counter);
    });
  }
}

/// Issuer is written for others; our reader has no use for it.
void expect_same_pskc(const TokenSeed& a, const TokenSeed& b) {
  expect_same_names(a, b);
  EXPECT_EQ(a.digits, b.digits);
  expect_same(a, b,
              {&TokenDetails::algorithm, &TokenDetails::friendly_name, &TokenDetails::not_before, &TokenDetails::not_after});
  if (a.details && !a.details->key_id.empty()) expect_same(a, b, {&TokenDetails::key_id});
  expect_same_numbers(a, b);
}

TEST(RoundTrip, PskcPlainAndEncrypted) {
  const Secret key("0123456789abcdef"), passphrase("correct horse");
  const auto pskc = [](const PskcProtection& protection) {
    return [&protection](WriteOut out) { return make_pskc_writer(std::move(out), protection); };
  };
  const PskcProtection none, with_key{.key = &key, .passphrase = nullptr, .key_name = {}},
      with_passphrase{.key = nullptr, .passphrase = &passphrase, .key_name = {}};
  round_trip(13, pskc(none), expect_same_pskc, {.today = "2026-01-01"});
  round_trip(14, pskc(with_key), expect_same_pskc, {.key = &key, .today = "2026-01-01"});
  round_trip(15, pskc(with_passphrase), expect_same_pskc, {.passphrase = &passphrase, .today = "2026-01-01"});
}

TEST(Writers, RefuseWithAReasonWhatTheyCannotHold) {
  const WriteOut nowhere = [](std::string_view) -> Result<void> { return {}; };
  const PskcProtection none;
  const auto entra = make_entra_csv_writer(nowhere), graph = make_graph_json_writer(nowhere),
             otpauth = make_otpauth_writer(nowhere), pskc = make_pskc_writer(nowhere, none);
  const auto token = [] {
    TokenSeed t;
    t.serial = "1";
    t.base32 = Secret(kKey);
    t.step = 30;
    return t;
  };
  const auto why = [](const std::unique_ptr<TokenWriter>& writer, const TokenSeed& t) { return writer->why_not(t); };
  for (const auto* writer : {&entra, &graph, &otpauth, &pskc}) EXPECT_EQ(why(*writer, token()), "");
  auto hotp = token();
  hotp.type = OtpType::hotp;
  EXPECT_NE(why(entra, hotp).find("HOTP"), std::string::npos);
  EXPECT_NE(why(graph, hotp).find("HOTP"), std::string::npos);
  EXPECT_NE(why(otpauth, hotp).find("counter"), std::string::npos);
  EXPECT_NE(why(pskc, hotp).find("counter"), std::string::npos);
  auto sha256 = token();
  sha256.hash = Hash::sha256;
  EXPECT_NE(why(entra, sha256).find("SHA-1"), std::string::npos);
  EXPECT_EQ(why(graph, sha256), "");
  auto sha512 = token();
  sha512.hash = Hash::sha512;
  EXPECT_NE(why(graph, sha512).find("SHA-512"), std::string::npos);
  auto comma = token();
  comma.serial = "1,2";
  EXPECT_NE(why(entra, comma).find("comma"), std::string::npos);
  auto ocra = token();
  ocra.type = OtpType::ocra;
  EXPECT_NE(why(otpauth, ocra).find("TOTP"), std::string::npos);
  auto keyless = token();
  keyless.base32 = Secret();
  for (const auto* writer : {&entra, &graph, &otpauth, &pskc})
    EXPECT_NE(why(*writer, keyless).find("no secret key"), std::string::npos);
  auto control = token();
  control.model = control.manufacturer = "a\x01z";
  EXPECT_NE(why(pskc, control).find("XML"), std::string::npos);
  EXPECT_NE(why(otpauth, control).find("control"), std::string::npos);
  auto hashless = token();
  hashless.hash.reset();
  for (const auto* writer : {&entra, &graph, &otpauth, &pskc})
    EXPECT_NE(why(*writer, hashless).find("hash"), std::string::npos);
}

}  // namespace
}  // namespace portalkey
