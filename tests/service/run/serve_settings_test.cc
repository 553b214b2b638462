#include "service/run/serve_settings.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "tests/temporary_folder.h"

namespace portalkey::serve_settings_test {
namespace {

struct ServeSettingsTest : testing::Test {
  Result<ServeSettings> read(const std::string& text) {
    EXPECT_TRUE(write_file_atomically(folder.path() / "config.toml", text));
    ProfileChoice choice;
    choice.config = folder.path() / "config.toml";
    return load_serve_settings(choice, Environment{});
  }
  TemporaryFolder folder;
};

TEST_F(ServeSettingsTest, WithoutATableTheDefaultsHold) {
  const auto settings = read("[profile.default]\ntenant = \"contoso.com\"\n");
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->address, "127.0.0.1");
  EXPECT_EQ(settings->port, 8443);
}

TEST_F(ServeSettingsTest, EverySettingIsRead) {
  const auto settings = read(R"([service]
listen = "[::1]:9443"
public_url = "https://tokens.contoso.com/"
certificate = "tls/chain.pem"
key = "/etc/tls/key.pem"
trusted_proxies = ["10.0.0.1"]
profiles = ["a", "b"]
tenants = ["11111111-2222-3333-4444-555555555555"]
audiences = ["api://portalkey"]
requests_a_minute = 0
mirror_minutes = 5
rotate_hours = 12
keep_jobs_days = 7
[service.portal_paths]
a = ["POST /api/Users"]
[[service.caller]]
id = "AAAAAAAA-2222-3333-4444-555555555555"
profiles = ["a"]
domains = ["Sales.contoso.com"]
tokens_a_day = 10
may_export = false
)");
  ASSERT_TRUE(settings) << settings.error().what;
  EXPECT_EQ(settings->address, "::1");
  EXPECT_EQ(settings->port, 9443);
  EXPECT_EQ(settings->public_url, "https://tokens.contoso.com");
  EXPECT_EQ(settings->certificate, folder.path() / "tls/chain.pem");
  EXPECT_EQ(settings->portal_paths.at("a").count("POST /api/Users"), 1u);
  ASSERT_EQ(settings->limits.size(), 1u);
  EXPECT_EQ(settings->limits[0].first, "aaaaaaaa-2222-3333-4444-555555555555");
  EXPECT_EQ(settings->limits[0].second.domains.count("sales.contoso.com"), 1u);
  EXPECT_FALSE(settings->limits[0].second.may_export);
}

TEST_F(ServeSettingsTest, WhatIsWrongIsToldWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"[service]\ncolour = 1\n", "2"},
      {"[service]\n\nlisten = \"here\"\n", "3"},
      {"[service]\nlisten = 8443\n", "2"},
      {"[service]\nmirror_minutes = 0\n", "2"},
      {"[service]\ntenants = [\"contoso.com\"]\naudiences = [\"x\"]\n", "2"},
      {"[service]\ntenants = [\"11111111-2222-3333-4444-555555555555\"]\n", "1"},
      {"[service]\ncertificate = \"a.pem\"\n", "1"},
      {"[service]\npublic_url = \"http://tokens.contoso.com\"\n", "2"},
      {"[service]\n[[service.caller]]\nid = \"anna\"\n", "2"},
      {"service = 1\n", "1"},
  };
  for (const auto& [text, line] : cases) {
    const auto settings = read(text);
    ASSERT_FALSE(settings) << text;
    EXPECT_EQ(settings.error().code, Errc::invalid_input) << text;
    bool told = false;
    for (const auto& [key, value] : settings.error().context) told = told || (key == "line" && value == line);
    EXPECT_TRUE(told) << text << settings.error().what;
  }
}

}  // namespace
}  // namespace portalkey::serve_settings_test
