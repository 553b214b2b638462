#include "app/profile/profile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "tests/app/somebody.h"
#include "tests/hostile_urls.h"
#include "tests/temporary_folder.h"

namespace portalkey::profile_test {
namespace {

class ProfileTest : public testing::Test {
 protected:
  Result<Profile> load(const std::string& toml, const std::string& name = "") {
    std::ofstream(folder_ / "config.toml") << toml;
    return load_profile({.name = name, .config = folder_ / "config.toml", .sandbox = {}}, environment());
  }
  Environment environment() const { return environment_of({variables_.begin(), variables_.end()}); }

  TemporaryFolder folder_;
  std::map<std::string, std::string> variables_{{"HOME", folder_.path().string()}};
};

TEST_F(ProfileTest, ReadsEverySetting) {
  auto profile = load(R"(
[profile.contoso]
tenant = "contoso.com"
cloud = "usgov"
service_account = "svc@contoso.com"
state_dir = "state"
[profile.contoso.vault]
type = "key_vault"
url = "https://contoso-kv.vault.usgovcloudapi.net/"
[profile.contoso.credential]
type = "client_secret"
client_id = "app"
client_secret_file = "secret"
tenant = "other.com"
[profile.contoso.limits]
activations = 10
activation_window_seconds = 20
)",
                      "contoso");
  ASSERT_TRUE(profile) << profile.error().what;
  EXPECT_EQ(profile->cloud.name, "usgov");
  EXPECT_EQ(profile->portal_resource, "ee62de39-b9b0-4886-aa58-08b89c4e3db3");
  EXPECT_EQ(profile->vault.url.origin(), "https://contoso-kv.vault.usgovcloudapi.net");
  EXPECT_EQ(profile->credential.type, CredentialType::client_secret);
  EXPECT_EQ(profile->credential.client_id, "app");
  EXPECT_EQ(profile->credential.tenant, "other.com");
  EXPECT_EQ(profile->credential.client_secret_file, folder_ / "secret") << "a relative path is relative to the config file";
  EXPECT_EQ(profile->state_folder, folder_ / "state");
  EXPECT_EQ(profile->activations, 10u);
  EXPECT_EQ(profile->vault.secret_name, "RefreshToken");
}

TEST_F(ProfileTest, TheFileVaultIsTheDefault) {
  auto profile = load("[profile.default]\ntenant = \"contoso.com\"\n");
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->vault.type, VaultProfile::Type::file);
  EXPECT_EQ(profile->vault.path, folder_ / ".local/share/portalkey/default.vault");
  EXPECT_EQ(profile->state_folder, folder_ / ".local/state/portalkey/default");
}

TEST_F(ProfileTest, MistakesNameTheLineAndTheSetting) {
  const struct {
    const char* toml;
    const char* what;
    const char* line;
  } rows[] = {
      {"[profile.default]\ntenat = \"x\"\n", "tenat", "2"},
      {"[profile.default]\ntenant = 7\n", "profile.default.tenant must be text", "2"},
      {"[profile.default]\ntenant = \"x\"\n[profile.default.vault]\ntype = \"s3\"\n", "s3", "4"},
      {"[profile.default]\ntenant = \"x\"\n[profile.default.vault]\nurl = \"https://x.vault.azure.net\"\n",
       "vault.url does not belong", "4"},
      {"[profile.default]\ntenant = \"x\"\n[profile.default.vault]\nclient_id = \"x\"\n", "no setting \"client_id\"", "4"},
      {"[profile.default]\ntenant = \"x\"\n[profile.default.credential]\ntype = \"password\"\n", "of type \"password\"", "4"},
      {"[profile.default]\ntenant = \"x\"\n[profile.default.credential]\ntype = \"browser\"\nclient_secret_file = \"x\"\n",
       "credential.client_secret_file does not belong", "5"},
      {"[cloud.global]\nauthority = \"a.b\"\n", "[cloud.global] cannot", "1"},
      {"[profile.default\n", "not TOML", "1"},
      {"tenant = \"x\"\n", "\"tenant\" does not belong here", "1"},
      {"[profile.default]\ntenant = \"x\"\nupload_timeout_seconds = 0\n", "must be from 1", "3"},
  };
  for (const auto& row : rows) {
    auto profile = load(row.toml);
    ASSERT_FALSE(profile) << row.toml;
    EXPECT_EQ(profile.error().code, Errc::invalid_input);
    EXPECT_NE(profile.error().what.find(row.what), std::string::npos) << profile.error().what;
    ASSERT_GE(profile.error().context.size(), 2u);
    EXPECT_EQ(profile.error().context[1].second, row.line) << row.toml;
    EXPECT_FALSE(profile.error().remedy.empty());
  }
}

TEST_F(ProfileTest, AVaultOutsideTheCloudIsRefused) {
  for (const char* url : {"https://x.vault.azure.net.evil.example", "http://x.vault.azure.net",
                          "https://evil@x.vault.azure.net", "https://x.vault.azure.cn", "https://x.vault.azure.net:444", ""}) {
    auto profile =
        load(std::string("[profile.default]\ntenant = \"x\"\n[profile.default.vault]\ntype = \"key_vault\"\nurl = \"") + url +
             "\"\n");
    EXPECT_FALSE(profile) << url;
  }
}

TEST_F(ProfileTest, ChinasPortalResourceIsNotGuessed) {
  auto profile = load("[profile.default]\ntenant = \"x\"\ncloud = \"china\"\n");
  ASSERT_FALSE(profile);
  EXPECT_NE(profile.error().remedy.find("portal_resource"), std::string::npos);
  EXPECT_TRUE(load("[profile.default]\ntenant = \"x\"\ncloud = \"china\"\nportal_resource = \"id\"\n"));
}

TEST_F(ProfileTest, DodsPortalResourceIsNotGuessedEither) {
  EXPECT_FALSE(load("[profile.default]\ntenant = \"x\"\ncloud = \"usgov-dod\"\n"));
  EXPECT_TRUE(load("[profile.default]\ntenant = \"x\"\ncloud = \"usgov-dod\"\nportal_resource = \"id\"\n"));
}

TEST_F(ProfileTest, ACommandWithoutThePortalDoesNotNeedItsResource) {
  std::ofstream(folder_ / "config.toml") << "[profile.default]\ntenant = \"x\"\ncloud = \"china\"\n";
  EXPECT_TRUE(load_profile({.name = "", .config = folder_ / "config.toml", .sandbox = {}, .credential = {}, .portal = false},
                           environment()));
}

TEST_F(ProfileTest, ACloudOfOnesOwn) {
  const std::string cloud =
      "[cloud.mine]\nauthority = \"https://login.mine.example/\"\nvault_suffix = \"vault.mine.example\"\n"
      "portal_api = \"portal.mine.example\"\nportal_resource = \"id\"\n";
  const std::string profile = "[profile.default]\ntenant = \"x\"\ncloud = \"mine\"\n";
  auto loaded =
      load(cloud + profile + "[profile.default.vault]\ntype = \"key_vault\"\nurl = \"https://a.vault.mine.example\"\n");
  ASSERT_TRUE(loaded) << loaded.error().what;
  EXPECT_EQ(loaded->cloud.authority, "login.mine.example");
  EXPECT_EQ(loaded->cloud.name, "mine");
  EXPECT_EQ(loaded->portal_resource, "id");
  EXPECT_EQ(loaded->cloud.arm, "");
  const std::string bad[] = {"[cloud.mine]\nauthority = \"login.mine.example/path\"\n",
                             "[cloud.mine]\nauthority = \"nodot\"\n",
                             "[cloud.mine]\nportal_api = \"a.b\"\n",
                             "[cloud.mine]\nauthority = \"a.b\"\nvaults = \"x\"\n",
                             "[cloud.mine]\nauthority = \"a.b\"\n",  // no portal API
                             "[cloud.other]\nauthority = \"a.b\"\n",
                             "[cloud.mine]\nauthority = \"http://a.b\"\n"};
  for (const auto& text : bad) {
    auto refused = load(text + profile);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
    EXPECT_FALSE(refused.error().remedy.empty());
  }
}

TEST_F(ProfileTest, TheCommandLinesCredentialOverrides) {
  std::ofstream(folder_ / "config.toml") << "[profile.default]\ntenant = \"x\"\n[profile.default.credential]\n"
                                            "type = \"client_secret\"\nclient_id = \"app\"\n";
  const auto with = [&](CredentialType type) {
    return load_profile({.name = "", .config = folder_ / "config.toml", .sandbox = {}, .credential = type}, environment())
        ->credential;
  };
  EXPECT_EQ(with(CredentialType::workload_identity).client_id, "app");
  EXPECT_EQ(with(CredentialType::browser).type, CredentialType::browser);
  EXPECT_EQ(with(CredentialType::browser).client_id, "") << "an application's id is none to sign a person in with";
  EXPECT_EQ(with(CredentialType::managed_identity).client_id, "");
}

TEST_F(ProfileTest, AnUnknownAuthorityInTheEnvironmentIsRefused) {
  variables_["AZURE_TENANT_ID"] = "contoso.com";
  variables_["AZURE_AUTHORITY_HOST"] = "https://login.example.com/";
  EXPECT_NE(load_profile({}, environment()).error().what.find("AZURE_AUTHORITY_HOST"), std::string::npos);
  variables_["AZURE_AUTHORITY_HOST"] = "https://login.windows.net";
  EXPECT_EQ(load_profile({}, environment())->cloud.name, "global");
}

TEST_F(ProfileTest, TheAzureSdksVariablesFillTheGaps) {
  variables_["AZURE_TENANT_ID"] = "contoso.com";
  variables_["AZURE_KEYVAULT_URL"] = "https://contoso-kv.vault.usgovcloudapi.net";
  variables_["AZURE_CLIENT_ID"] = "app";
  variables_["AZURE_AUTHORITY_HOST"] = "https://login.microsoftonline.us/";
  auto profile = load_profile({}, environment());
  ASSERT_TRUE(profile) << profile.error().what;
  EXPECT_EQ(profile->tenant, "contoso.com");
  EXPECT_EQ(profile->cloud.name, "usgov");
  EXPECT_EQ(profile->credential.type, CredentialType::automatic);
}

TEST_F(ProfileTest, AnUnknownProfileListsTheKnownOnes) {
  auto profile = load("[profile.a]\ntenant = \"x\"\n[profile.b]\ntenant = \"y\"\n", "c");
  ASSERT_FALSE(profile);
  EXPECT_NE(profile.error().remedy.find("a, b"), std::string::npos) << profile.error().remedy;
}

/// As a TOML string may hold it.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

TEST_F(ProfileTest, AnAddressThatReadersCouldDifferAboutIsRefusedByItsSetting) {
  const std::string head = "[profile.default]\ntenant = \"x\"\n";
  auto urls = hostile_urls("a.vault.azure.net", "/");
  for (const char* other : {"https://a.vault.azure.net/secrets", "https://a.vault.azure.net/?x", "https://a.b.vault.azure.net",
                            "https://vault.azure.net", "https://evil.example"}) {
    urls.emplace_back(other);
  }
  for (const auto& url : urls) {
    if (url.contains('\xff')) continue;  // not TOML
    const auto vault = load(head + "[profile.default.vault]\ntype = \"key_vault\"\nurl = " + quoted(url) + "\n");
    ASSERT_FALSE(vault) << url;
    EXPECT_TRUE(vault.error().what.starts_with("vault.url is not the URL of a vault")) << vault.error().what;
    EXPECT_EQ(vault.error().what.find('\\'), std::string::npos) << vault.error().what;
    if (!url.empty() && !url.contains('\0')) {
      variables_["AZURE_KEYVAULT_URL"] = url;
      const auto variable = load(head);
      variables_.erase("AZURE_KEYVAULT_URL");
      ASSERT_FALSE(variable) << url;
      EXPECT_TRUE(variable.error().what.starts_with("AZURE_KEYVAULT_URL is not the URL of a vault")) << variable.error().what;
    }
  }
  for (const auto& url : hostile_urls("login.mine.example", "/")) {
    if (url.contains('\xff') || url == "login.mine.example/" || url.ends_with("@login.mine.example/")) continue;
    for (const char* key : {"authority", "vault_suffix", "arm", "graph", "portal_api"}) {
      const auto cloud = load(fmt::format("[cloud.mine]\n{} = {}\n", key, quoted(url)) +
                              "[profile.default]\ntenant = \"x\"\ncloud = \"mine\"\n");
      ASSERT_FALSE(cloud) << url;
      EXPECT_NE(cloud.error().what.find(std::string("cloud.mine.") + key), std::string::npos)
          << url << ": " << cloud.error().what;
    }
    if (url.contains('\0')) continue;
    variables_["AZURE_AUTHORITY_HOST"] = url;
    const auto authority = load_profile({}, environment());
    variables_.erase("AZURE_AUTHORITY_HOST");
    ASSERT_FALSE(authority) << url;
  }
}

TEST_F(ProfileTest, ATenantOrProxyThatIsNoneIsRefused) {
  for (const char* tenant : {"../x", "a/b", ".", "..", ".x", "a\\\\b", "a b", "a%2fb", "a?b", "a#b", "a\\u0000b", "é"}) {
    const auto profile = load(std::string("[profile.default]\ntenant = \"") + tenant + "\"\n");
    ASSERT_FALSE(profile) << tenant;
    EXPECT_NE(profile.error().what.find("tenant"), std::string::npos) << profile.error().what;
    const auto of_credential =
        load(std::string("[profile.default]\ntenant = \"x\"\n[profile.default.credential]\ntenant = \"") + tenant + "\"\n");
    ASSERT_FALSE(of_credential) << tenant;
    EXPECT_NE(of_credential.error().what.find("tenant"), std::string::npos) << of_credential.error().what;
  }
  for (const char* proxy :
       {"proxy:1", "ftp://proxy:1", "http://", "http://pro xy:1", "http://proxy:x", "http://a\\\\b:1", "http://p\\r\\nx:1"}) {
    const auto profile = load(std::string("[profile.default]\ntenant = \"x\"\nproxy = \"") + proxy + "\"\n");
    ASSERT_FALSE(profile) << proxy;
    EXPECT_NE(profile.error().what.find("proxy is not the address of a proxy"), std::string::npos) << profile.error().what;
  }
}

TEST_F(ProfileTest, OfAllVaultsOnlyItsOwnIsAHost) {
  const std::string head = "[profile.default]\ntenant = \"x\"\n";
  const auto has = [](const Profile& profile, const char* host) {
    const auto hosts = hosts_of(profile);
    return std::ranges::find(hosts, host) != hosts.end();
  };
  auto mine = load(head + "[profile.default.vault]\ntype = \"key_vault\"\nurl = \"https://A.vault.azure.net:443/\"\n");
  ASSERT_TRUE(mine) << mine.error().what;
  EXPECT_TRUE(has(*mine, "a.vault.azure.net"));
  EXPECT_FALSE(has(*mine, ".vault.azure.net"));
  EXPECT_TRUE(has(*mine, "login.microsoftonline.com"));
  auto file = load(head);
  EXPECT_FALSE(has(*file, ".vault.azure.net"));
  file->any_vault = true;
  EXPECT_TRUE(has(*file, ".vault.azure.net"));
}

}  // namespace
}  // namespace portalkey::profile_test
