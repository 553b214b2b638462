#include "base/key_like.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

#include "base/ascii.h"
#include "base/base64.h"

namespace portalkey::key_like_test {
namespace {

TEST(KeyLike, WhatIsReadableStaysSo) {
  const char* rows[] = {
      "",
      "The user user.12.345@contoso.onmicrosoft.com does not exist.",
      "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.",
      "AADSTS50076: Due to a configuration change made by your administrator, you must use multi-factor authentication. Trace "
      "ID: "
      "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9 Correlation ID: 11111111-2222-3333-4444-555555555555 Timestamp: 2026-01-01 "
      "00:00:00Z",
      "microsoft.graph.hardwareOathTokenAuthenticationMethodDevice",
      "Request_MultipleObjectsWithSameKeyValue",
      "Insufficient privileges to complete the operation.",
      "The client 'a@contoso.com' with object id '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9' does not have authorization to perform "
      "action 'Microsoft.KeyVault/vaults/write' over scope '/subscriptions/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9/resourceGroups/"
      "rg-Prod01-WestEurope/providers/Microsoft.KeyVault/vaults/contosoKv2026' or the scope is invalid.",
      "Caller: appid=0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9;oid=11111111-2222-3333-4444-555555555555;iss=https://sts.windows.net/"
      "22222222-3333-4444-5555-666666666666/",
      "Expected one of https://sts.windows.net/22222222-3333-4444-5555-666666666666/, found "
      "https://sts.windows.net/11111111-2222-3333-4444-555555555555/.",
      "vault: https://contoso-keyvault-production.vault.azure.net",
      "2026-11-29T23:59:17.1234567Z",
      "20261129T235917Z",
      "serial number 7000112345678901",
      "FTKMOB1234567890AB",
      "GALT10123456 2308345678901 1307001234567",
      "SN 00-11-22-33-44-55",
      "2001:0db8:0000:0000:0000:ff00:0042:8329",
      "contosokeyvaultproduction2",
      "internalservererrorwithoutanyreason",
      "the secret was not found",
      "Bearer token is not valid",
      "Basic authentication is switched off",
      "password must not be empty",
      "Authorization failed for the request",
      "secret key is missing",
      "This that with from will READ ONLY",
      "WESTEUROPE:20261129T235917Z:0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
      "Oauth2PermissionGrantsForV2Endpoints",
      "the property hardwareOathDevices2026Preview of deviceRegistrationPolicy"};
  for (const auto* row : rows) EXPECT_EQ(without_keys(row), row);
}

TEST(KeyLike, KeysAndTokensAreHiddenAndTheWordsAroundThemAreNot) {
  const struct {
    const char *text, *shown;
  } rows[] = {
      {"The value 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' of secretKey is not valid", "The value '***' of secretKey is not valid"},
      {"the value jbswy3dpehpk3pxpjbswy3dpehpk3pxp is wrong", "the value *** is wrong"},
      {"key JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP====, row 3", "key ***, row 3"},
      {"JBSW Y3DP EHPK 3PXP", "***"},
      {"is JBSW-Y3DP-EHPK-3PXP-JBSW.", "is ***."},
      {"hex 48656c6c6f21deadbeef48656c6c6f21deadbeef!", "hex ***!"},
      {"48:65:6C:6C:6F:21:DE:AD:BE:EF:48:65:6C:6C:6F:21", "***"},
      {"base64 SGVsbG8h3q2+70hlbGxvId6tvu8= is", "base64 *** is"},
      {"eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl expired", "*** expired"},
      {"token eyJ0eXAiOiJKV1Qi...", "token ***"},
      {"AADSTS70000: 0.AX0AbCdEfGhIjKlMnOp-_q.AgABAwEAAAApTwJm is malformed", "AADSTS70000: *** is malformed"},
      {"1.AVEA0123456789abcdefg", "***"},
      {"secret abc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456789 wrong", "secret *** wrong"},
      {"Authorization: Bearer abc", "Authorization: ***"},
      {"got \"Authorization\":\"Basic eA==\", sorry", "got \"Authorization\":\"***\", sorry"},
      {"Bearer abc123def456", "Bearer ***"},
      {"client_secret=short&grant_type=x", "client_secret=***&grant_type=x"},
      {"{\"refresh_token\":\"abc12345\",\"x\":1}", "{\"refresh_token\":\"***\",\"x\":1}"},
      {"otpauth://totp/x?secret=abcdef&issuer=y", "otpauth://totp/x?secret=***&issuer=y"},
      {"secretKey: 'abcdefgh'", "secretKey: '***'"},
  };
  for (const auto& [text, shown] : rows) {
    EXPECT_EQ(without_keys(text), shown);
    EXPECT_EQ(without_keys(shown), shown) << "what is hidden is no key";
  }
}

TEST(KeyLike, EveryCharacterEscapedIsFoundAsWell) {
  for (const auto& escape : {"%{:02x}", "%{:02X}", "\\x{:02x}", "\\u{:04X}", "&#{};", "&#x{:x};"}) {
    std::string key;
    for (const char c : std::string_view("JBSWY3DPEHPK3PXPJBSW")) key += fmt::format(fmt::runtime(escape), static_cast<int>(c));
    EXPECT_EQ(without_keys("a " + key + " b"), "a *** b") << escape;
  }
  for (const auto* readable :
       {"/%E3%81%82%E3%81%84%E3%81%86%E3%81%88%E3%81%8A%E3%81%8B%E3%81%8D%E3%81%8F", "a%20b%2Fc%3D100%25",
        "\\u3042\\u3044\\u3046\\u3048\\u304A\\u304B\\u304D\\u304F\\u3051\\u3053\\u3055\\u3057\\u3059\\u305B\\u305D\\u305F"})
    EXPECT_EQ(without_keys(readable), readable);
}

TEST(KeyLike, ATokenInAnotherLetterCaseIsHiddenToo) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string bytes(700, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    std::string upper = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9." + base64url(bytes) + '.' + base64url(bytes.substr(256, 256)),
                lower = upper;
    for (char& c : upper) c = to_upper(c);
    for (char& c : lower) c = to_lower(c);
    EXPECT_EQ(without_keys("a " + upper + " b"), "a *** b");
    EXPECT_EQ(without_keys("a " + lower + " b"), "a *** b");
  }
}

TEST(KeyLike, RandomKeysOfEverySizeAreFound) {
  std::mt19937 dice(20);
  constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  int missed = 0, tried = 0;
  for (int round = 0; round < 500; ++round) {
    for (const std::size_t size : {10, 16, 20, 32, 64}) {
      std::string bytes, base32, hex;
      for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(dice());
      for (std::size_t i = 0; i < size * 8 / 5; ++i) base32 += kBase32[dice() % 32];
      for (const char c : bytes)
        hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4], hex += "0123456789abcdef"[c & 15];
      std::vector<std::string> texts{base32};
      if (size >= 16) texts.insert(texts.end(), {hex, base64(bytes), base64url(bytes)});
      for (const auto& text : texts) {
        ++tried;
        missed += without_keys("The value '" + text + "' is not valid.").contains(text.substr(0, 12));
      }
    }
  }
  // A few look like words or names; what was just sent is found by itself (base/sent_secrets.h).
  EXPECT_LE(missed * 100, tried) << missed << " of " << tried;
}

}  // namespace
}  // namespace portalkey::key_like_test
