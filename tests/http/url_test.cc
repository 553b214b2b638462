#include "http/url.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "http/curl_url.h"
#include "tests/hostile_urls.h"

namespace portalkey::url_test {
namespace {

std::string curl_part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

TEST(Url, IsSentAsItWasJudged) {
  const struct {
    const char *given, *text, *host, *path;
  } rows[] = {
      {"https://graph.microsoft.com", "https://graph.microsoft.com/", "graph.microsoft.com", "/"},
      {"HTTPS://Graph.Microsoft.COM/Beta", "https://graph.microsoft.com/Beta", "graph.microsoft.com", "/Beta"},
      {"https://a.vault.azure.net:443/secrets?api-version=7.5&$skiptoken=eyJO",
       "https://a.vault.azure.net/secrets?api-version=7.5&$skiptoken=eyJO", "a.vault.azure.net", "/secrets"},
      {"https://a-1.example?", "https://a-1.example/", "a-1.example", "/"},
      {"https://xn--bcher-kva.example/a%20b/@:!$&'()*+,;=~?x=%2F/?%23",
       "https://xn--bcher-kva.example/a%20b/@:!$&'()*+,;=~?x=%2F/?%23", "xn--bcher-kva.example", "/a%20b/@:!$&'()*+,;=~"},
      {"https://management.azure.com/subscriptions/s/resources?%24filter=type+eq+%27x%2fy%27&%24top=4",
       "https://management.azure.com/subscriptions/s/resources?%24filter=type+eq+%27x%2fy%27&%24top=4", "management.azure.com",
       "/subscriptions/s/resources"},
  };
  for (const auto& row : rows) {
    const Url url(row.given);
    ASSERT_TRUE(url.valid()) << row.given << ": " << url.problem();
    EXPECT_EQ(url.text(), row.text);
    EXPECT_EQ(url.host(), row.host);
    EXPECT_EQ(url.path(), row.path);
    EXPECT_EQ(url.origin() + std::string(url.target()), row.text);
    EXPECT_TRUE(as_curl_reads(url)) << row.given;
  }
}

TEST(Url, WhatReadersCouldDifferAboutIsNone) {
  for (const auto& text : hostile_urls("graph.microsoft.com", "/beta/users?$top=1")) {
    const Url url(text);
    EXPECT_FALSE(url.valid()) << text;
    EXPECT_EQ(url.text(), "") << text;
    EXPECT_EQ(url.host(), "") << text;
    EXPECT_FALSE(url.problem().empty()) << text;
    EXPECT_EQ(url.refusal().code, Errc::invalid_input);
    EXPECT_EQ(url.refusal().what.find("evil"), std::string::npos) << "quoted: " << url.refusal().what;
    EXPECT_FALSE(as_curl_reads(url)) << text;
  }
}

TEST(Url, NoneAtAllIsNone) {
  EXPECT_FALSE(Url().valid());
  EXPECT_FALSE(Url("").valid());
  EXPECT_EQ(Url().problem(), "there is none");
}

TEST(Url, OnlyThisMachineAndItsOwnNetworkAreLocal) {
  for (const char* text : {"http://localhost:1/x", "http://127.0.0.1", "HTTP://127.9.9.9:80/",
                           "http://169.254.169.254/metadata", "http://10.1.2.3:8081/msi", "http://172.16.0.1/",
                           "http://172.31.255.255", "http://192.168.1.1", "http://[::1]:5/", "http://[0:0:0:0:0:0:0:1]/"}) {
    const auto url = Url::local(text);
    EXPECT_TRUE(url.valid()) << text << ": " << url.problem();
    EXPECT_TRUE(url.is_local());
    EXPECT_TRUE(as_curl_reads(url)) << text;
    EXPECT_FALSE(Url(text).valid()) << "https only: " << text;
  }
  for (const char* text : {"https://127.0.0.1/",
                           "http://example.com/",
                           "http://127.0.0.1@example.com/",
                           "http://127.0.0.1.example.com",
                           "http://172.32.0.1/",
                           "http://8.8.8.8",
                           "http://169.255.0.1",
                           "ftp://127.0.0.1",
                           "",
                           "http://",
                           "http://0x7f.1/",
                           "http://localhost.example.com",
                           "http://127.0.0.1\\@example.com/",
                           "http://[2001:db8::1]/",
                           "http://127.1/",
                           "http://2130706433/",
                           "http://0177.0.0.1/",
                           "http://localhost./",
                           "http://localhost:0/",
                           "http://localhost:65537/",
                           "http://localhost:/",
                           "http://[::1%25eth0]/",
                           "http://[::ffff:8.8.8.8]/",
                           "http://user@localhost/",
                           "http://localhost/#x",
                           "http://localhost/../x",
                           "http://localhost/a b",
                           "http://local%68ost/",
                           "http://0.0.0.0/"}) {
    EXPECT_FALSE(Url::local(text).valid()) << text;
  }
  for (const auto& text : hostile_urls("localhost", "/x")) {
    if (text == "http://localhost/x" || text == "HTTP://localhost/x") continue;
    EXPECT_FALSE(Url::local(text).valid()) << text;
  }
}

TEST(Url, AnIdLeadsNowhereElse) {
  const Url devices("https://graph.microsoft.com/beta/devices?$top=1");
  EXPECT_EQ(devices.below({"d-1_X", "activate"}).text(), "https://graph.microsoft.com/beta/devices/d-1_X/activate");
  EXPECT_EQ(Url("https://a.example").below({"secrets"}).text(), "https://a.example/secrets");
  EXPECT_EQ(Url::local("http://localhost:8/").below({"a"}).text(), "http://localhost:8/a");
  for (const auto& id : hostile_ids()) {
    EXPECT_FALSE(is_plain_id(id)) << id;
    EXPECT_FALSE(devices.below({id}).valid()) << id;
    EXPECT_FALSE(devices.below({id, "activate"}).valid()) << id;
    EXPECT_FALSE(check_plain_id(id, "the id")) << id;
  }
  EXPECT_EQ(Url("http://x").below({"a"}).problem(), Url("http://x").problem()) << "the first problem is the one told";
}

TEST(Url, AQueryIsAppendedAsGiven) {
  const Url url("https://a.example/b?old=1");
  EXPECT_EQ(url.with_query("c=%20d").text(), "https://a.example/b?c=%20d");
  EXPECT_FALSE(url.with_query("c=d#e").valid());
  EXPECT_FALSE(url.with_query("c=d\r\n").valid());
  EXPECT_FALSE(url.with_query("c=d e").valid());
}

TEST(Url, SameResourceIgnoresSpellingAndQuery) {
  const Url list("https://a.example/subscriptions/S/resourceGroups/a(1)");
  for (const char* same : {"https://a.example/subscriptions/s/resourcegroups/A%281%29?$skiptoken=x",
                           "https://A.example:443/subscriptions/S/resourceGroups/a(1)/"}) {
    EXPECT_TRUE(same_resource(Url(same), list)) << same;
  }
  for (const char* other :
       {"https://b.example/subscriptions/S/resourceGroups/a(1)", "https://a.example/subscriptions/S/resourceGroups/a(2)",
        "https://a.example/subscriptions/S/resourceGroups/a(1)/x", "https://a.example/subscriptions/S/resourceGroups",
        "https://a.example/", "https://a.example//subscriptions/S/resourceGroups/a(1)", "", "http://a.example/subscriptions"}) {
    EXPECT_FALSE(same_resource(Url(other), list)) << other;
  }
  EXPECT_FALSE(same_resource(Url(), Url()));
}

/// Whatever is accepted, libcurl reads in the same way: tried with texts put together of what confuses readers.
TEST(Url, LibcurlReadsEveryAcceptedAddressInTheSameWay) {
  const std::vector<std::string> pieces = {"https://",
                                           "http://",
                                           "graph.microsoft.com",
                                           "evil.example",
                                           "a",
                                           "1",
                                           ".",
                                           "-",
                                           "@",
                                           ":",
                                           "443",
                                           "/",
                                           "\\",
                                           "?",
                                           "#",
                                           "%",
                                           "%2f",
                                           "%2e",
                                           "..",
                                           "[::1]",
                                           "127.0.0.1",
                                           "&",
                                           "=",
                                           ";",
                                           "0x7f",
                                           " ",
                                           "\t",
                                           "\n",
                                           "_",
                                           "~",
                                           "$",
                                           "'",
                                           "*",
                                           std::string(1, '\0'),
                                           "xn--a",
                                           "localhost",
                                           "\xc3\xa9"};
  const std::vector<std::string> begins = {"https://", "", "http://127.0.0.1", "http://localhost"};
  std::mt19937 chance(20260101);
  int accepted = 0, local = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = begins[static_cast<std::size_t>(round) % 4];
    for (auto left = chance() % 9; left > 0; --left) text += pieces[chance() % pieces.size()];
    for (const auto& url : {Url(text), Url::local(text)}) {
      if (!url.valid()) continue;
      ++(url.is_local() ? local : accepted);
      ASSERT_TRUE(as_curl_reads(url)) << text;
      // and so does libcurl if it is given the very text, with nothing judged for it
      const CurlUrl bare(curl_url());
      ASSERT_EQ(curl_url_set(bare.get(), CURLUPART_URL, text.c_str(), 0), CURLUE_OK) << text;
      ASSERT_EQ(text.find('\0'), std::string::npos);
      std::string host = curl_part(bare.get(), CURLUPART_HOST);
      std::ranges::transform(host, host.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      ASSERT_EQ(host, url.host()) << text;
      ASSERT_EQ(curl_part(bare.get(), CURLUPART_USER), "") << text;
    }
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(local, 100);
}

}  // namespace
}  // namespace portalkey::url_test
