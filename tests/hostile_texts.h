#pragma once
// What a service might say that must not get through, and the check that nothing of it did.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/key_like.h"
#include "base/utf8.h"
#include "base/visible_text.h"

namespace portalkey {

/// Well-formed UTF-8, as JSON carries it.
inline const std::array<std::string, 13>& hostile_texts() {
  using namespace std::string_literals;
  static const std::array<std::string, 13> all{
      "JBSWY3DPEHPK3PXPKRUGKIDROVUWG2ZA",
      "the value 'jbsw y3dp ehpk 3pxp krug kidr ovuw g2za' is wrong",
      "48656c6c6f21deadbeef48656c6c6f21deadbeef",
      "SGVsbG8h3q2+70hlbGxvId6tvu8h3q2+70hlbGw=",
      "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl",
      "0.AX0AbCdEfGhIjKlMnOp.AgABAwEAAAApTwJmzXqdR4BN2miheQMYAgDs",
      "abc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456789",
      "Authorization: Bearer abcdef",
      "\x1b[2J\x1b]0;owned\x07 two\r\nlines",
      "\xE2\x80\xAEgnp.exe\xE2\x80\x8B \xC2\x9B"s + "31m",
      "nul \0 and \x7f"s,
      std::string(100'000, 'A'),
      "line\xE2\x80\xA8separator \xE2\x81\xA6isolated",
  };
  return all;
}

inline void expect_clean(const std::string& text, std::string_view where) {
  EXPECT_LE(text.size(), 1500U) << where;
  EXPECT_FALSE(looks_like_key(text)) << where << ": " << text.substr(0, 200);
  for (std::string_view rest = text; !rest.empty();) {
    const auto [code, size] = utf8_character(rest);
    ASSERT_NE(size, 0U) << where;
    ASSERT_FALSE(is_control(code) || is_unseen(code)) << where << ": " << visible_text(text).substr(0, 200);
    rest.remove_prefix(size);
  }
}

inline void expect_clean(const Error& error, std::string_view where) {
  EXPECT_FALSE(error.what.empty()) << where;
  expect_clean(error.what, where);
  expect_clean(error.remedy, where);
  for (const auto& [key, value] : error.context) expect_clean(value, std::string(where) + ", " + key);
}

}  // namespace portalkey
