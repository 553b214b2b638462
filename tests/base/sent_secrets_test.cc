#include "base/sent_secrets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <random>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/percent_encoding.h"

namespace portalkey::sent_secrets_test {
namespace {

constexpr std::string_view kKey = "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA";
constexpr std::string_view kKeyBytes = "Hello!\xde\xad\xbe\xefThe quick ";
constexpr std::string_view kRefresh = "0.AX0Aq1w2E3r4T5y6U7i8O9p0.AgABAwEAAAApTwJmzXqdR4BN2miheQMYAgDs_wUA9P8x-Yb~Kd.e_T";
constexpr std::string_view kClientSecret = "Zb18Q~xY.zWv_uTs-rQpOnMlKjIhGfEdCbA9876";

std::string hex(std::string_view bytes, const char* format, std::string_view between = "") {
  std::string out;
  for (const char c : bytes) {
    if (!out.empty()) out += between;
    out += fmt::format(fmt::runtime(format), static_cast<unsigned char>(c));
  }
  return out;
}

std::string grouped(std::string_view text, std::size_t size, char between) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 0 && i % size == 0) out += between;
    out += text[i];
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_upper);
  return out;
}

std::string each(std::string_view text, const std::function<std::string(unsigned char)>& spell) {
  std::string out;
  for (const char c : text) out += spell(static_cast<unsigned char>(c));
  return out;
}

/// Every way to write a secret that a service was seen or thought to quote it in.
std::map<std::string, std::string> spellings(std::string_view secret, std::string_view bytes) {
  std::map<std::string, std::string> out{
      {"as it is", std::string(secret)},
      {"small letters", lower(secret)},
      {"capitals", upper(secret)},
      {"groups of four", grouped(secret, 4, ' ')},
      {"dashes", grouped(secret, 8, '-')},
      {"line ends", grouped(secret, 16, '\n')},
      {"with NULs, as UTF-16", grouped(secret, 1, '\0')},
      {"percent", percent_encode(secret)},
      {"percent, all of it", hex(secret, "%{:02x}").insert(0, secret.empty() ? "" : "")},
      {"percent twice", percent_encode(hex(secret, "%{:02X}"))},
      {"JSON escapes", each(secret, [](unsigned char c) { return fmt::format("\\u{:04x}", c); })},
      {"JSON escapes within JSON", each(secret, [](unsigned char c) { return fmt::format("\\\\u{:04X}", c); })},
      {"hexadecimal escapes", each(secret, [](unsigned char c) { return fmt::format("\\x{:02x}", c); })},
      {"decimal entities", each(secret, [](unsigned char c) { return fmt::format("&#{};", c); })},
      {"hexadecimal entities", each(secret, [](unsigned char c) { return fmt::format("&#x{:X};", c); })},
      {"entities of entities", each(secret, [](unsigned char c) { return fmt::format("&amp;#{};", c); })},
      {"full width", each(secret,
                          [](unsigned char c) {
                            std::string wide = "\xEF\xBC\x80";
                            const unsigned code = 0xFF01U + c - '!';
                            wide[1] = static_cast<char>(0x80 | ((code >> 6) & 0x3F));
                            wide[2] = static_cast<char>(0x80 | (code & 0x3F));
                            return wide;
                          })},
      {"zero width spaces",
       each(secret, [](unsigned char c) { return std::string(1, static_cast<char>(c)) + "\xE2\x80\x8B"; })},
      {"in colours", each(secret, [](unsigned char c) { return "\x1b[31m" + std::string(1, static_cast<char>(c)); })},
  };
  const auto encodings = [&](const std::string& of, std::string_view raw) {
    out["hex of " + of] = hex(raw, "{:02x}");
    out["HEX of " + of] = hex(raw, "{:02X}", ":");
    for (std::size_t shift = 0; shift < 3; ++shift) {
      for (std::size_t after = 0; after < 3; ++after) {
        const std::string padded = std::string(shift, '"') + std::string(raw) + std::string(after, '}');
        out[fmt::format("base64 of {} at {}, {} after", of, shift, after)] = base64(padded);
        out[fmt::format("base64url of {} at {}, {} after", of, shift, after)] = base64url(padded);
      }
    }
    out["base64 of " + of + ", percent"] = percent_encode(base64(raw));
  };
  encodings("the text", secret);
  if (!bytes.empty()) encodings("the bytes", bytes);
  return out;
}

/// What each of the services says when it does not like a value.
const char* const kRefusals[] = {
    R"({{"error":{{"code":"badRequest","message":"The value '{}' of secretKey is not valid","innerError":{{"request-id":"1"}}}}}})",
    R"({{"Message":"upload refused: {}","ClientData":{{"errorCode":"x"}}}})",
    R"({{"ClientData":{{"localizedErrorDetails":{{"errorDetail":"{} is wrong"}}}}}})",
    R"({{"error":"invalid_grant","error_description":"AADSTS70000: {}\r\nTrace ID: 0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","error_codes":[70000]}})",
    R"({{"error":{{"code":"{}","message":"no","innererror":{{"code":"ForbiddenByRbac"}}}}}})",
    R"(<html><body>Request blocked: {}</body></html>)",
    R"({{"responses":[{{"id":"0","status":400,"body":{{"error":{{"message":"{}"}}}}}}]}})",
    "{}",
};

TEST(SentSecrets, NoSpellingOfThemIsLeftInAnyRefusal) {
  const std::pair<std::string_view, std::string_view> secrets[] = {
      {kKey, kKeyBytes}, {kRefresh, ""}, {kClientSecret, ""}, {"short-Secret1", ""}};
  for (const auto& [secret, bytes] : secrets) {
    SentSecrets sent;
    sent.add(Secret(secret));
    for (const auto& [how, spelled] : spellings(secret, bytes)) {
      for (const auto* refusal : kRefusals) {
        const std::string said = fmt::format(fmt::runtime(refusal), spelled);
        const std::string left = sent.without(said);
        const auto begin = std::string_view(refusal).find("{}");
        const std::string before = fmt::format(fmt::runtime(std::string(refusal).substr(0, begin) + "|"));
        EXPECT_TRUE(left.starts_with(before.substr(0, before.size() - 1))) << how << ": " << left;
        EXPECT_TRUE(left.contains("***")) << how << ": " << left;
        // Of what stood in its place no stretch is left from which it could be put together.
        for (std::size_t i = 0; i + 12 <= spelled.size(); ++i)
          ASSERT_FALSE(left.contains(spelled.substr(i, 12)) && !spelled.substr(i, 12).contains("\x1b["))
              << how << " of " << secret << ": " << left;
      }
    }
  }
}

TEST(SentSecrets, JsonRemainsJsonAndItsOtherMembersWhatTheyWere) {
  SentSecrets sent;
  sent.add(Secret(kKey));
  for (const auto& [how, spelled] : spellings(kKey, kKeyBytes)) {
    const boost::json::object body{{"error", {{"code", "badRequest"}, {"message", "The value '" + spelled + "' is wrong"}}},
                                   {"list", {spelled, "second", spelled}}};
    boost::system::error_code problem;
    const auto left = boost::json::parse(sent.without(boost::json::serialize(body)), problem);
    ASSERT_FALSE(problem) << how;
    EXPECT_EQ(left.at_pointer("/error/code"), "badRequest") << how;
    EXPECT_EQ(left.at_pointer("/list/1"), "second") << how;
    EXPECT_EQ(left.at_pointer("/list").as_array().size(), 3U) << how;
  }
}

TEST(SentSecrets, APartOfOneIsFoundToo) {
  SentSecrets sent;
  sent.add(Secret(kRefresh));
  EXPECT_EQ(sent.without("it begins 0.AX0Aq1w2E3r4..."), "it begins ***...");
  EXPECT_EQ(sent.without("it ends x-Yb~Kd.e_T and no more"), "it ends x-Yb~Kd.e_T and no more") << "nine letters say nothing";
}

TEST(SentSecrets, ASequenceThatIsBegunBeforeOneDoesNotTakeItIn) {
  SentSecrets sent;
  sent.add(Secret("a+b/c+d/e+f/g+h/"));
  EXPECT_EQ(sent.without("\x1b[31;'a%2Bb%2Fc%2Bd%2Fe%2Bf%2Fg%2Bh%2F is wrong").find("b%2Fc"), std::string::npos);
  SentSecrets other;
  other.add(
      Secret("AB\xfe"
             "CD\xff"
             "EFGHIJ"));
  EXPECT_EQ(other.without("\x1b[31;'AB%FECD%FFEFGHIJ is wrong").find("EFGHIJ"), std::string::npos);
}

TEST(SentSecrets, ACodeIsFoundAsAWordOnly) {
  SentSecrets sent;
  sent.add(Secret("492039"));
  EXPECT_EQ(sent.without("the code 492039 is wrong"), "the code *** is wrong");
  EXPECT_EQ(sent.without(R"({"verificationCode":"492 039"})"), R"({"verificationCode":"***"})");
  EXPECT_EQ(sent.without("serial number 4920391 of AADSTS492039"), "serial number 4920391 of AADSTS492039");
  EXPECT_EQ(sent.without("code=%34%39%32%30%33%39"), "code=***");
}

TEST(SentSecrets, ManyOfThemAtOnce) {
  std::mt19937 dice(5);
  SentSecrets sent;
  std::string text;
  std::vector<std::string> keys;
  for (int i = 0; i < 200; ++i) {
    std::string key;
    for (int k = 0; k < 32; ++k) key += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[dice() % 32];
    sent.add(Secret(key));
    text += fmt::format("row {}: {} is refused\n", i, key);
    keys.push_back(std::move(key));
  }
  const std::string left = sent.without(text);
  for (const auto& key : keys) EXPECT_FALSE(left.contains(key.substr(0, 10)));
  EXPECT_TRUE(left.contains("row 17: *** is refused\n"));
}

TEST(SentSecrets, WhatIsNoSecretStays) {
  SentSecrets sent;
  sent.add(Secret(kKey));
  sent.add(Secret(kRefresh));
  sent.add(Secret("123456"));
  sent.add(Secret());
  sent.add(Secret("abc"));
  const char* text = "AADSTS50076 abc user.1@contoso.com \xF0\x9F\x94\x91 \\u0041%41 12345 1234567 \xff";
  EXPECT_EQ(sent.without(text), text);
  EXPECT_EQ(SentSecrets().without(kKey), kKey);
}

}  // namespace
}  // namespace portalkey::sent_secrets_test
