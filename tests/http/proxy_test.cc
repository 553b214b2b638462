#include "http/proxy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "http/curl_url.h"

namespace portalkey::proxy_test {
namespace {

std::function<std::string(const char*)> environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string() : found->second;
  };
}

TEST(ProxySettings, APasswordThatMakesNoUrlIsNotShownEither) {
  for (const char* url : {"http://svc:Pa#ss@proxy:8080", "http://svc:a/b?c@proxy:8080/", "http://svc:p@ss@proxy:8080"}) {
    const auto proxy = proxy_settings(url, [](const char*) { return std::string(); }).proxy;
    EXPECT_EQ(proxy->shown, "http://proxy:8080") << url;
    EXPECT_TRUE(proxy->has_credentials) << url;
  }
}

TEST(Proxy, TheEnvironmentIsReadAsCurlReadsIt) {
  EXPECT_FALSE(proxy_settings("", environment({})).proxy);
  EXPECT_FALSE(proxy_settings("", environment({{"http_proxy", "http://a:1"}})).proxy) << "that one is for http:// only";
  EXPECT_EQ(proxy_settings("", environment({{"HTTPS_PROXY", "http://a:1"}, {"ALL_PROXY", "http://b:1"}})).proxy->shown,
            "http://a:1");
  EXPECT_EQ(proxy_settings("", environment({{"https_proxy", "b:2"}, {"HTTPS_PROXY", "http://a:1"}})).proxy->shown,
            "http://b:2");
  EXPECT_EQ(proxy_settings("", environment({{"ALL_PROXY", "socks5h://c:3/"}})).proxy->shown, "socks5h://c:3");
  EXPECT_EQ(proxy_settings("", environment({{"ALL_PROXY", "http://c"}})).proxy->source, "ALL_PROXY in the environment");
}

TEST(Proxy, TheProfileWinsAndCanSayNone) {
  const auto set = environment({{"https_proxy", "http://a:1"}, {"NO_PROXY", "x"}});
  EXPECT_EQ(proxy_settings("http://p:8", set).proxy->shown, "http://p:8");
  EXPECT_EQ(proxy_settings("http://p:8", set).no_proxy, "x");
  EXPECT_FALSE(proxy_settings("none", set).proxy);
}

TEST(Proxy, ThePasswordIsNeverShown) {
  const std::pair<const char*, const char*> rows[] = {
      {"http://user:p%40ss@proxy:8080", "http://user:p%40ss@proxy:8080"},
      {"user:p%40ss@proxy:8080", "http://user:p%40ss@proxy:8080"},
      {"http://user:p@p%40ss@proxy:8080/x", "http://user:p%40p%40ss@proxy:8080"},
      {"http://user:p/#?%x@proxy:8080", "http://user:p%2F%23%3F%25x@proxy:8080"},
      {"http://good.example\\@proxy:8080", "http://good.example%5C@proxy:8080"},
  };
  for (const auto& [given, used] : rows) {
    const auto settings = proxy_settings(given, environment({}));
    EXPECT_EQ(settings.proxy->problem, "");
    EXPECT_EQ(settings.proxy->shown, "http://proxy:8080");
    EXPECT_TRUE(settings.proxy->has_credentials);
    EXPECT_EQ(settings.proxy->url.reveal([](std::string_view whole) { return std::string(whole); }), used);
  }
}

TEST(Proxy, TheOneShownIsTheOneThatLibcurlUses) {
  for (const char* given : {"http://proxy:8080", "https://Proxy.example", "socks5h://user:a@b@10.0.0.1:1080", "[::1]:3128",
                            "a_b:1", "http://a:b\\@good.example:1@proxy:2/x#y"}) {
    const auto proxy = *proxy_settings(given, environment({})).proxy;
    ASSERT_EQ(proxy.problem, "") << given;
    const CurlUrl read(curl_url());
    proxy.url.reveal([&](std::string_view whole) {
      ASSERT_EQ(curl_url_set(read.get(), CURLUPART_URL, std::string(whole).c_str(), CURLU_NON_SUPPORT_SCHEME), CURLUE_OK)
          << given;
    });
    char* host = nullptr;
    ASSERT_EQ(curl_url_get(read.get(), CURLUPART_HOST, &host, 0), CURLUE_OK);
    const auto begin = proxy.shown.find("://") + 3;
    EXPECT_EQ(proxy.shown.substr(begin, std::string_view(host).size()), host) << given;
    curl_free(host);
  }
}

TEST(Proxy, WhatIsNoneIsNotUsed) {
  for (const char* given : {"http://", "http://:8080", "http://proxy:port", "http://proxy:0", "http://proxy:99999",
                            "http://pro xy:1", "http://proxy\\x:1", "ftp://proxy:1", "javascript://proxy", "http://pro%78y:1",
                            "http://proxy\r\nx:1", "http://\xc3\xa9:1", "http://[::1", "\x1b[2J"}) {
    const auto proxy = *proxy_settings(given, environment({})).proxy;
    EXPECT_NE(proxy.problem, "") << given;
    EXPECT_TRUE(proxy.url.empty()) << given;
    EXPECT_TRUE(std::ranges::all_of(proxy.shown, [](char c) { return c > ' ' && c < 0x7f; })) << proxy.shown;
  }
}

TEST(Proxy, NoProxyMatchesAsCurlDoes) {
  const struct {
    const char* list;
    const char* host;
    bool bypassed;
  } rows[] = {
      {"", "a.b", false},
      {"*", "a.b", true},
      {" * ", "a.b", true},
      {"a.b", "a.b", true},
      {"A.B.", "a.b", true},
      {"b", "a.b", true},
      {".b", "a.b", true},
      {".a.b", "a.b", true},
      {"b", "ab", false},
      {"a", "a.b", false},
      {"x,vault.azure.net", "contoso-kv.vault.azure.net", true},
      {"x vault.azure.net", "contoso-kv.vault.azure.net", true},
      {"x, .vault.azure.net ,y", "contoso-kv.vault.azure.net", true},
      {"azure.com", "contoso-kv.vault.azure.net", false},
      {",,", "a.b", false},
      {"*,a.b", "c.d", false},
  };
  for (const auto& row : rows) EXPECT_EQ(bypasses_proxy(row.host, row.list), row.bypassed) << row.list << " " << row.host;
  const auto settings = proxy_settings("", environment({{"https_proxy", "http://a:1"}, {"no_proxy", "b"}}));
  EXPECT_EQ(proxy_for("x.b", settings), nullptr);
  EXPECT_NE(proxy_for("x.c", settings), nullptr);
}

}  // namespace
}  // namespace portalkey::proxy_test
