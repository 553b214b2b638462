#include "http/header_text.h"

#include <gtest/gtest.h>

#include "http/curl_http.h"
#include "http/local_http.h"

namespace portalkey::header_text_test {
namespace {

TEST(HeaderText, ATokensAlphabet) {
  for (const char* good : {"eyJ0.eyJ1.c2ln", "EwBwA8l6BAAU==", "a", "0.AX0A_x-~+/"}) {
    EXPECT_TRUE(is_access_token(good)) << good;
    EXPECT_TRUE(is_refresh_token(good)) << good;
  }
  EXPECT_TRUE(is_refresh_token("M.C507_BAY.0.U.-Cq!*$")) << "as personal accounts have";
  EXPECT_TRUE(is_access_token(std::string(32 << 10, 'x')));
  EXPECT_FALSE(is_access_token(std::string((32 << 10) + 1, 'x')));
  EXPECT_FALSE(is_refresh_token(std::string((32 << 10) + 1, 'x')));
  EXPECT_FALSE(is_access_token(""));
  EXPECT_FALSE(is_refresh_token(""));
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool mark = c != 0 && std::string_view("-._~+/=").find(byte) != std::string_view::npos;
    for (const std::string& text : {std::string("ab") + byte, byte + std::string("ab"), std::string("a") + byte + "b"}) {
      EXPECT_EQ(is_access_token(text), letter || mark) << c;
      const bool around = c != 0 && std::string_view("\"'`<>{}\\").find(byte) != std::string_view::npos;
      EXPECT_EQ(is_refresh_token(text), c > 0x20 && c < 0x7f && !around) << c;
    }
  }
}

TEST(HeaderText, AHeaderIsOneHeader) {
  EXPECT_TRUE(check_header("Accept", "application/json; odata=\"x\" \xc3\xa9"));
  for (int c = 0; c < 256; ++c) {
    const bool control = c < 0x20 || c == 0x7f;
    EXPECT_EQ(check_header("Name", std::string("a") + static_cast<char>(c) + "b").has_value(), !control) << c;
    EXPECT_EQ(check_header(std::string("Na") + static_cast<char>(c), "x").has_value(), !control) << c;
  }
}

TEST(HeaderText, WhatIsNoHeaderIsNotSent) {
  SystemClock clock;
  const auto deadline = Deadline::in(std::chrono::seconds(5), clock);
  const auto wire = make_curl_http({}, clock);
  Request request;
  request.url = Url("https://no-such-host.invalid/");  // an attempt would be unavailable
  request.bearer = Secret("AT\r\nX-Evil: 1");
  EXPECT_EQ(wire->send(request, deadline).error().code, Errc::invalid_input);
  request.bearer = {};
  request.headers = {{"X-Good", "1\r\nX-Evil: 1"}};
  EXPECT_EQ(wire->send(request, deadline).error().code, Errc::invalid_input);
  const auto local = make_local_http(clock, 0);
  Request metadata;
  metadata.url = Url::local("http://127.0.0.1:1/");
  metadata.secret_headers.emplace_back("X-IDENTITY-HEADER", Secret("key\nX-Evil: 1"));
  EXPECT_EQ(local->send(metadata, deadline).error().code, Errc::invalid_input);
}

}  // namespace
}  // namespace portalkey::header_text_test
