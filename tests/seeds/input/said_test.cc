#include "seeds/input/said.h"

#include <gtest/gtest.h>

#include "seeds/input/secret_key.h"

namespace portalkey {
namespace {

SaidOfToken said(std::string_view name, std::string_view value) {
  SaidOfToken said;
  said.look_at(said_under(name), value, "here");
  return said;
}

std::optional<OtpType> type_in(std::string_view name, std::string_view value) {
  const auto found = said(name, value);
  return found.type ? std::optional(found.type->value) : std::nullopt;
}

TEST(Said, TheKindOfToken) {
  for (const auto value :
       {"HOTP", "hotp", "OATH-HOTP", "Event", "event-based", "Event based token", "counter based", "HMAC-based OTP",
        "ereignisbasiert", "urn:ietf:params:xml:ns:keyprov:pskc:hotp", "hotp6", "HOTP-SHA1-6"})
    EXPECT_EQ(type_in("", value), OtpType::hotp) << value;
  for (const auto value : {"TOTP", "time based", "time-based (TOTP)", "zeitbasiert", "totpsha256"})
    EXPECT_EQ(type_in("", value), OtpType::totp) << value;
  for (const auto value : {"OCRA", "OCRA-1:HOTP-SHA1-6:QN08", "challenge-response"})
    EXPECT_EQ(type_in("", value), OtpType::ocra) << value;
  EXPECT_EQ(type_in("", "mOTP"), OtpType::other);
  EXPECT_EQ(type_in("type", "FIDO2"), OtpType::other);
  EXPECT_EQ(type_in("type", "E"), OtpType::hotp);
  EXPECT_EQ(type_in("model", "eToken PASS Event"), OtpType::hotp);
}

TEST(Said, WhatIsNoKindOfToken) {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"department", "Events"},
                                                                  {"department", "Event Management"},
                                                                  {"", "Event Management"},
                                                                  {"model", "TOTP/HOTP"},  // both
                                                                  {"serial", "TOTP0001A0"},
                                                                  {"", "shotput"},
                                                                  {"", "E"},
                                                                  {"", "c200"},
                                                                  {"notes", "this one replaces the old HOTP token of hers"}})
    EXPECT_FALSE(type_in(name, value)) << name << ": " << value;
  EXPECT_FALSE(said("notes", "this one replaces the old HOTP token of hers").mentions.empty());
}

TEST(Said, HashDigitsIntervalEncoding) {
  for (const auto value : {"SHA256", "sha-256", "HmacSHA256", "HMAC SHA 256", "TOTP-SHA256-6", "totpsha256"}) {
    const auto found = said("", value);
    ASSERT_TRUE(found.hash) << value;
    EXPECT_EQ(found.hash->value, Hash::sha256) << value;
  }
  EXPECT_FALSE(said("", "MD5").unknown_hash.empty());
  EXPECT_EQ(said("", "8 digits").digits->value, 8);
  EXPECT_EQ(said("", "8-stellig").digits->value, 8);
  EXPECT_EQ(said("otpLength", "8").digits->value, 8);
  EXPECT_EQ(said("", "HOTP-SHA1-8").digits->value, 8);
  EXPECT_FALSE(said("box", "8").digits);
  EXPECT_EQ(said("", "60s").interval->value, 60);
  EXPECT_EQ(said("", "60 seconds").interval->value, 60);
  EXPECT_EQ(said("model", "C200 60 s").interval->value, 60);
  EXPECT_EQ(said("timeStep", "60").interval->value, 60);
  EXPECT_FALSE(said("warranty", "60").interval);
  EXPECT_EQ(said("counter", "7").counter->value, 7);
  EXPECT_EQ(said("", "base-32").encoding->value, SecretEncoding::base32);
  EXPECT_EQ(said("", "hexadecimal").encoding->value, SecretEncoding::hex);
}

TEST(Said, InTheWordsOfOtherVendorsAndLanguages) {
  for (const auto value : {"RFC4226", "RFC 4226", "z\u00E4hlerbasiert", "zaehlergesteuert", "Z\u00E4hler basiert",
                           "basado en eventos", "bas\u00E9 sur \u00E9v\u00E9nements", "eventsync"})
    EXPECT_EQ(type_in("", value), OtpType::hotp) << value;
  for (const auto value : {"Z\u00E4hler", "compteur", "contador", "evt"}) {
    EXPECT_EQ(type_in("Typ", value), OtpType::hotp) << value;
    EXPECT_FALSE(type_in("", value)) << value;
  }
  for (const auto value : {"RFC6238", "rfc 6238"}) EXPECT_EQ(type_in("", value), OtpType::totp) << value;
  for (const auto value : {"RFC 6287", "challenge/response"}) EXPECT_EQ(type_in("", value), OtpType::ocra) << value;
  for (const auto value : {"CR", "C/R", "asynchronous"}) EXPECT_EQ(type_in("mode", value), OtpType::ocra) << value;
  for (const auto value : {"YubiOTP", "Yubico OTP"}) EXPECT_EQ(type_in("", value), OtpType::other) << value;
  EXPECT_EQ(type_in("type", "static password"), OtpType::other);
  EXPECT_EQ(type_in("encoder", "steam"), OtpType::other);
  for (const auto value :
       {"TOTP8", "TOTP-8", "TOTP/8/30", "OTP8", "eight digits", "achtstellig", "digits=8", "length: 8", "totp-sha1-8-30"}) {
    const auto found = said("", value);
    ASSERT_TRUE(found.digits) << value;
    EXPECT_EQ(found.digits->value, 8) << value;
  }
  for (const auto value : {"1 min", "1 Minute", "PT60S", "PT1M", "60000 ms", "period=60", "totp-sha256-8-60", "TOTP-6-60"}) {
    const auto found = said("", value);
    ASSERT_TRUE(found.interval) << value;
    EXPECT_EQ(found.interval->value, 60) << value;
  }
  for (const auto value : {"SHA2-256", "HS256"}) EXPECT_EQ(said("", value).hash->value, Hash::sha256) << value;
  for (const auto value : {"SM3", "SHA3-256", "HS384"}) EXPECT_FALSE(said("", value).unknown_hash.empty()) << value;
  for (const auto value :
       {"TOTP0001A0", "OTP 100", "Base", "step 2", "length 30 cm", "5 min walk from the gate", "C200", "TOTP v2"}) {
    const auto found = said("", value);
    EXPECT_FALSE(found.digits) << value;
    EXPECT_FALSE(found.interval && found.interval->value < 300) << value;
  }
}

TEST(Said, YesAndNoUnderTheNameOfAKind) {
  for (const auto name : {"HOTP", "isHotp", "is_hotp", "Event based", "eventBased", "isEventBased", "ereignisbasiert"}) {
    for (const auto yes : {"yes", "TRUE", "x", "1", "Ja"}) EXPECT_EQ(type_in(name, yes), OtpType::hotp) << name << ": " << yes;
    for (const auto no : {"no", "false", "0", "nein", ""}) EXPECT_FALSE(type_in(name, no)) << name << ": " << no;
  }
  EXPECT_EQ(type_in("TOTP", "yes"), OtpType::totp);
  EXPECT_EQ(type_in("time based", "no"), OtpType::other);
  EXPECT_EQ(type_in("OCRA", "yes"), OtpType::ocra);
  EXPECT_EQ(type_in("OCRA", "HOTP"), OtpType::hotp) << "what is neither yes nor no says what it says anywhere";
  for (const auto name : {"event", "Events", "TOTP/HOTP", "basement", "active", "enabled", "is"})
    EXPECT_FALSE(type_in(name, "yes")) << name;
}

TEST(Said, DecidesOrContradicts) {
  TokenSeed token;
  token.step = 30;
  EXPECT_FALSE(said("", "8 digits").decide(token, false));
  EXPECT_EQ(token.digits, 8);
  EXPECT_TRUE(said("", "60s").decide(token, false));
  EXPECT_FALSE(said("", "60s").decide(token, true));  // what a caller assumes gives way
  EXPECT_EQ(token.step, 60);
  auto both = said("", "HOTP");
  both.look_at(SaidUnder::unknown, "TOTP", "there");
  const auto problem = both.decide(token, false);
  ASSERT_TRUE(problem);
  EXPECT_NE(problem->what.find("here and there contradict"), std::string::npos) << problem->what;
  TokenSeed counted;
  counted.step = 30;
  EXPECT_FALSE(said("counter", "0").decide(counted, false));
  EXPECT_TRUE(said("counter", "0").decide(counted, true));
  EXPECT_TRUE(said("counter", "4").decide(counted, false));
}

TEST(Said, WordsThatStandForNothing) {
  for (const auto word : {"null",   "NULL", "None",      "N/A",          "n.a.",         "-",    "--",     "?",
                          "TBD",    "todo", "(null)",    "<none>",       "\"n/a\"",      "leer", "#N/A",   "undefined",
                          "\u2014", "nil",  "kein",      "...",          "not assigned", "#NV",  "#WERT!", "\\N",
                          "n.v.",   "ohne", "no serial", "not provided", "siehe Anlage"})
    EXPECT_TRUE(stands_for_nothing(word)) << word;
  for (const auto word : {"", "0", "0000", "####", "noneofit", "NA12", "a", "TBD1", "-1", "x@y.com"})
    EXPECT_FALSE(stands_for_nothing(word)) << word;
}

TEST(Said, KeysThatProtectNothing) {
  for (const auto key :
       {"", "A", "JBSWY3DP", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAA",
        "CEIRCEIRCEIRCEIRCEIRCEIRCEIRCEIR", "22222222222222222222222222222222", "TESTTESTTESTTESTTESTTESTTESTTEST",
        "SECRETSECRETSECRETSECRETSECRETSE", "ABCDEABCDEABCDEABCDEABCDEABCDEABCDEABCDE", "32W35366VW7O7XVNX3X55LN657PK3PXP"})
    EXPECT_TRUE(why_no_secret(key, false)) << key;
  EXPECT_FALSE(why_no_secret("JBSWY3DPEHPK3PXP", false));
  EXPECT_FALSE(why_no_secret("JBSWY3DP", true));
  EXPECT_TRUE(why_no_secret("AAAAAAAA", true));
}

}  // namespace
}  // namespace portalkey
