#include "seeds/formats/otpauth/uri.h"

#include <gtest/gtest.h>

#include "tests/seeds/reading.h"

namespace portalkey {
namespace {

constexpr std::string_view kSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

TokenSeed token_of(std::string_view uri) {
  auto token = parse_otpauth_uri(uri);
  EXPECT_TRUE(token) << uri << ": " << (token ? "" : token.error().what);
  return token ? std::move(*token) : TokenSeed{};
}

std::string refusal_of(std::string_view uri) {
  const auto token = parse_otpauth_uri(uri);
  EXPECT_FALSE(token) << uri;
  if (token) return {};
  EXPECT_EQ(token.error().code, Errc::invalid_input);
  EXPECT_FALSE(token.error().remedy.empty());
  std::string all = token.error().what + token.error().remedy;
  for (const auto& [key, value] : token.error().context) all += "|" + value;
  EXPECT_EQ(all.find("GEZD"), std::string::npos) << all;
  return all;
}

TEST(OtpauthUri, EveryParameter) {
  const auto token = token_of(
      "otpauth://totp/Contoso:helga?secret=gezd+gnbv-gy3tqojqgezdgnbvgy3tqojq%3D%3D&algorithm=sha256&digits=8&"
      "period=60&issuer=Contoso&image=x&serial=0012");
  EXPECT_EQ(token.type, OtpType::totp);
  EXPECT_EQ(text_of(token.base32), kSecret);
  EXPECT_EQ(token.hash, Hash::sha256);
  EXPECT_EQ(token.digits, 8);
  EXPECT_EQ(token.step, 60);
  EXPECT_EQ(token.serial, "0012");
  EXPECT_EQ(token.details->issuer, "Contoso");
  EXPECT_EQ(token.details->label, "helga");
}

TEST(OtpauthUri, DefaultsAndOrder) {
  const auto token = token_of("OTPAUTH://TOTP/helga?period=30&SECRET=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(token.hash, Hash::sha1);
  EXPECT_EQ(token.digits, 6);
  EXPECT_EQ(token.step, 30);
  EXPECT_EQ(token.serial, "");
  const auto hotp = token_of("otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ&counter=9223372036854775807");
  EXPECT_EQ(hotp.type, OtpType::hotp);
  EXPECT_EQ(hotp.step, std::nullopt);
  EXPECT_EQ(hotp.details->counter, INT64_MAX);
  const auto steam = token_of("otpauth://steam/a?secret=GEZDGNBVGY3TQOJQ");
  EXPECT_EQ(steam.type, OtpType::steam);
  EXPECT_EQ(steam.digits, 5);
}

TEST(OtpauthUri, IssuerAndLabel) {
  const struct {
    std::string_view path, issuer, label;
  } cases[] = {
      {"a%20b?issuer=Air+Canada", "Air Canada", "a b"},
      {"Air%20Canada:%20helga?x=1", "Air Canada", "helga"},
      {"Contoso%3Ahelga?issuer=Contoso", "Contoso", "helga"},
      {"encoding%3A%20%C3%B6?x=1", "", "encoding: \xC3\xB6"},
      {"Other:helga?issuer=Contoso", "Contoso", "Other:helga"},
      {"a+b%2Fc@d?x=1", "", "a+b/c@d"},
      {"?x=1", "", ""},
  };
  for (const auto& c : cases) {
    const auto token = token_of("otpauth://totp/" + std::string(c.path) + "&secret=GEZDGNBVGY3TQOJQ");
    EXPECT_EQ(token.details->issuer, c.issuer) << c.path;
    EXPECT_EQ(token.details->label, c.label) << c.path;
  }
}

TEST(OtpauthUri, WhatIsWrongIsSaidWithoutTheKey) {
  const struct {
    std::string_view uri, says;
  } cases[] = {
      {"otpauth://totp/a", "no secret key"},
      {"otpauth://totp/a?secret=", "no secret key"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJ1", "1 (one)"},
      {"otpauth://totp/a?secret=GEZDGNBVG", "cannot be base32"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&secret=GEZDGNBVGY3TQOJQ", "two parameters"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&algorithm=MD5", "MD5"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&algorithm=SHA3", "hash"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&digits=0", "whole number"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&digits=eleven", "whole number"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&period=0", "time interval"},
      {"otpauth://totp/a?secret=GEZDGNBVGY3TQOJQ&period=99999999999999999999", "whole number"},
      {"otpauth://hotp/a?secret=GEZDGNBVGY3TQOJQ&counter=-1", "counter"},
      {"otpauth://yaotp/a?secret=GEZDGNBVGY3TQOJQ", "neither totp nor hotp"},
      {"otpauth://totp/a%zz?secret=GEZDGNBVGY3TQOJQ", "percent-encoding"},
      {"otpauth://totp/a%?secret=GEZDGNBVGY3TQOJQ", "percent-encoding"},
      {"otpauth://totp/a%00b?secret=GEZDGNBVGY3TQOJQ", "control characters"},
      {"otpauth://totp/a%FF?secret=GEZDGNBVGY3TQOJQ", "UTF-8"},
      {"steam://GEZDGNBVGY3TQOJQ", "Steam Guard"},
      {"GEZDGNBVGY3TQOJQ", "no otpauth"},
      {"", "no otpauth"},
  };
  for (const auto& c : cases)
    EXPECT_NE(refusal_of(c.uri).find(c.says), std::string::npos) << c.uri << ": " << refusal_of(c.uri);
  EXPECT_NE(refusal_of("otpauth://totp/" + std::string(10000, 'a')).find("too long"), std::string::npos);
}

TEST(OtpauthUri, CutAnywhereItNeverCrashesNorInvents) {
  const std::string uri = "otpauth://totp/Contoso:helga?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Contoso%20Ltd&digits=6";
  for (std::size_t size = 0; size < uri.size(); ++size) {
    const auto token = parse_otpauth_uri(std::string_view(uri).substr(0, size));
    EXPECT_TRUE(!token || kSecret.starts_with(text_of(token->base32))) << size;
  }
}

TEST(OtpauthUri, WhatIsWrittenIsReadBack) {
  for (const auto type : {OtpType::totp, OtpType::hotp, OtpType::steam}) {
    TokenSeed token;
    token.type = type;
    token.base32 = Secret(kSecret);
    token.serial = "00 12&=%#\xC3\xB6";
    token.upn = "o'hara:x@contoso.com";
    token.manufacturer = "Contoso, Ltd: & Co";
    token.hash = Hash::sha512;
    token.digits = 8;
    if (type == OtpType::totp) token.step = 60;
    if (type == OtpType::hotp) token.detailed().counter = 77;
    const auto uri = text_of(otpauth_uri(token));
    const auto again = token_of(uri);
    EXPECT_EQ(again.type, token.type);
    EXPECT_EQ(text_of(again.base32), kSecret);
    EXPECT_EQ(again.serial, token.serial);
    EXPECT_EQ(again.hash, token.hash);
    EXPECT_EQ(again.digits, token.digits);
    EXPECT_EQ(again.step, token.step);
    EXPECT_EQ(again.details->counter, type == OtpType::hotp ? std::optional<std::int64_t>(77) : std::nullopt);
  }
  TokenSeed pin;
  pin.type = OtpType::pin;
  EXPECT_TRUE(otpauth_uri(pin).empty());
}

}  // namespace
}  // namespace portalkey
