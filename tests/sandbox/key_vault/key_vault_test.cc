#include <map>
#include <set>

#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

class KeyVault : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    token = app_token("https://vault.azure.net");
  }
  HttpResponse call(std::string_view method, std::string_view path, std::string body = {}) {
    return send(method, std::string(kVault) + std::string(path), bearer(token), std::move(body));
  }
  /// Sets a secret; its version.
  std::string set(std::string_view name, std::string_view body) {
    const auto answer = call("PUT", "/secrets/" + std::string(name) + "?api-version=7.4", std::string(body));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto id = text_at(answer, "id");
    return id.substr(id.rfind('/') + 1);
  }
  std::string token;
};

TEST_F(KeyVault, SetAndGet) {
  const auto first =
      set("RefreshToken",
          R"({"value":"one","contentType":"text/plain","tags":{"session":"default"},"attributes":{"exp":1774915200}})");
  EXPECT_EQ(first.size(), 32u);
  const auto second = set("RefreshToken", R"({"value":"two"})");
  EXPECT_NE(first, second);
  const auto latest = object_of(call("GET", "/secrets/refreshtoken?api-version=2025-07-01"));
  EXPECT_EQ(string_member(latest, "value"), "two");
  EXPECT_EQ(string_member(latest, "id"), std::string(kVault) + "/secrets/RefreshToken/" + second);
  EXPECT_EQ(member(latest, "tags"), nullptr) << "each version has its own";
  const auto old = object_of(call("GET", "/secrets/RefreshToken/" + first + "/?api-version=7.0"));
  EXPECT_EQ(string_member(old, "value"), "one");
  EXPECT_EQ(string_member(old, "contentType"), "text/plain");
  EXPECT_EQ(
      json::serialize(*member(old, "attributes")),
      R"({"enabled":true,"exp":1774915200,"created":1767225600,"updated":1767225600,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90})");
}

TEST_F(KeyVault, HasItsHeaders) {
  const auto answer = call("GET", "/secrets?api-version=7.4");
  for (const auto* name :
       {"x-ms-keyvault-region", "x-ms-client-request-id", "x-ms-request-id", "x-ms-keyvault-service-version",
        "x-ms-keyvault-network-info", "x-ms-keyvault-rbac-assignment-id", "strict-transport-security", "date"}) {
    EXPECT_FALSE(answer.header(name).empty()) << name;
  }
}

TEST_F(KeyVault, ChallengesByCause) {
  const auto without = send("GET", std::string(kVault) + "/secrets/x?api-version=7.4");
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("www-authenticate"), "Bearer authorization=\"https://login.microsoftonline.com/" + tenant() +
                                                    "\", resource=\"https://vault.azure.net\"");
  EXPECT_NE(without.body.find("AKV10000"), std::string::npos);
  token = app_token("https://management.azure.com/");
  EXPECT_NE(
      call("GET", "/secrets/x?api-version=7.4")
          .body.find("AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/."),
      std::string::npos);
  token = app_token("https://vault.azure.net");
  advance(std::chrono::hours(2));
  EXPECT_NE(call("GET", "/secrets/x?api-version=7.4").body.find("[TokenExpired]"), std::string::npos);
  token = "nonsense";
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 401);
  emulator->world().state.tenant_id = "00000000-1111-4222-8333-444444444444";
  token = app_token("https://vault.azure.net");
  emulator->world().state.tenant_id = "00000000-1111-4222-8333-555555555555";
  EXPECT_NE(call("GET", "/secrets/x?api-version=7.4").body.find("AKV10032"), std::string::npos);
}

TEST_F(KeyVault, OtherCloudsHaveTheSameVaultAndTheirOwnAudience) {
  set("x", R"({"value":"v"})");
  for (const auto* suffix : {"vault.usgovcloudapi.net", "vault.azure.cn"}) {
    const std::string url = "https://contoso-kv." + std::string(suffix) + "/secrets/x?api-version=7.4";
    EXPECT_EQ(send("GET", url, bearer(token)).status, 401) << "the Global audience";
    const auto answer = send("GET", url, bearer(app_token("https://" + std::string(suffix))));
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(text_at(answer, "id").find("https://contoso-kv." + std::string(suffix)), 0u);
  }
  const auto unknown = send("GET", "https://other.vault.azure.net/secrets/x?api-version=7.4", bearer(token));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(vault_code_of(unknown), "VaultNotFound");
}

TEST_F(KeyVault, RefusesWhatTheServiceRefuses) {
  set("there", R"({"value":"v"})");
  std::string tags16 = R"({"value":"v","tags":{)";
  for (int i = 0; i < 16; ++i) tags16 += (i > 0 ? "," : "") + ("\"t" + std::to_string(i)) + R"(":"x")";
  tags16 += "}}";
  struct Row {
    std::string_view method;
    std::string path, body;
    int status;
    std::string_view code;
  };
  const Row rows[] = {
      {"GET", "/secrets/there", "", 400, "BadParameter"},
      {"GET", "/secrets/there?api-version=6.0", "", 400, "BadParameter"},
      {"GET", "/secrets/absent?api-version=7.4", "", 404, "SecretNotFound"},
      {"GET", "/secrets/there/0123456789abcdef0123456789abcdef?api-version=7.4", "", 404, "SecretNotFound"},
      {"GET", "/secrets/my_secret?api-version=7.4", "", 400, "BadParameter"},
      {"GET", "/secrets/" + std::string(128, 'a') + "?api-version=7.4", "", 400, "BadParameter"},
      {"PUT", "/secrets/a.b?api-version=7.4", R"({"value":"v"})", 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", "", 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", "[]", 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", R"({"value":1})", 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", R"({"value":")" + std::string(25'601, 'v') + "\"}", 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", R"({"value":"v","contentType":")" + std::string(256, 'c') + "\"}", 400,
       "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", tags16, 400, "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", R"({"value":"v","tags":{"a":")" + std::string(257, 't') + "\"}}", 400,
       "BadParameter"},
      {"PUT", "/secrets/x?api-version=7.4", R"({"value":"v","attributes":{"exp":"soon"}})", 400, "BadParameter"},
      {"POST", "/secrets/there?api-version=7.4", R"({})", 405, "MethodNotAllowed"},
      {"GET", "/secrets?api-version=7.4&maxresults=26", "", 400, "BadParameter"},
      {"GET", "/secrets?api-version=7.4&maxresults=0", "", 400, "BadParameter"},
      {"GET", "/secrets?api-version=7.4&$skiptoken=nonsense", "", 400, "BadParameter"},
      {"GET", "/keys?api-version=7.4", "", 404, "ResourceNotFound"},
  };
  for (const auto& row : rows) {
    const auto answer = call(row.method, row.path, row.body);
    EXPECT_EQ(answer.status, row.status) << row.path.substr(0, 80) << ' ' << answer.body.substr(0, 200);
    EXPECT_EQ(vault_code_of(answer), row.code) << row.path.substr(0, 80);
  }
  EXPECT_EQ(set("largest", R"({"value":")" + std::string(25'600, 'v') + "\"}").size(), 32u);
}

TEST_F(KeyVault, RolesDecide) {
  const std::string version = set("x", R"({"value":"v"})");
  const std::string principal = R"({"principal":")" + client_id() + R"(","role":")";
  admin("POST", "/vault-roles", principal + "Key Vault Secrets User\"}");
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 200);
  EXPECT_EQ(call("GET", "/secrets?api-version=7.4").status, 200);
  const auto refused = call("PUT", "/secrets/x?api-version=7.4", R"({"value":"w"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(vault_code_of(refused), "Forbidden/ForbiddenByRbac");
  EXPECT_NE(refused.body.find("Action: 'Microsoft.KeyVault/vaults/secrets/setSecret/action'"), std::string::npos);
  EXPECT_NE(refused.body.find("vaults/contoso-kv/secrets/x'"), std::string::npos);
  EXPECT_EQ(call("PATCH", "/secrets/x/" + version + "?api-version=7.4", "{}").status, 403);
  EXPECT_EQ(call("DELETE", "/secrets/x?api-version=7.4").status, 403);
  admin("POST", "/vault-roles", principal + "none\"}");
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 403);
  EXPECT_EQ(call("GET", "/secrets?api-version=7.4").status, 403);
  token = access_token("https://vault.azure.net", kAdminAccount);
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 200) << "the admin is Secrets Officer";
  token = access_token("https://vault.azure.net", kServiceAccount);
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 403) << "the service account has no right";
}

TEST_F(KeyVault, PatchDisablesAVersionAndNeverShowsTheValue) {
  const auto first = set("x", R"({"value":"one","tags":{"a":"1"}})");
  const auto second = set("x", R"({"value":"two"})");
  const auto patched =
      call("PATCH", "/secrets/x/" + first + "?api-version=7.4", R"({"attributes":{"enabled":false},"tags":{"b":"2"}})");
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(member(object_of(patched), "value"), nullptr);
  EXPECT_EQ(json::serialize(*member(object_of(patched), "tags")), R"({"b":"2"})");
  const auto disabled = call("GET", "/secrets/x/" + first + "?api-version=7.4");
  EXPECT_EQ(disabled.status, 403);
  EXPECT_EQ(vault_code_of(disabled), "Forbidden/SecretDisabled");
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 200) << "the latest is " << second;
}

TEST_F(KeyVault, ListsInPagesThatLinkWithAPort) {
  std::set<std::string> versions;
  for (int i = 0; i < 60; ++i) versions.insert(set("x", R"({"value":"v"})"));
  for (int i = 0; i < 30; ++i) set("name-" + std::to_string(i), R"({"value":"v"})");
  const auto walk = [&](std::string url) {
    std::vector<std::string> ids;
    int pages = 0;
    while (!url.empty()) {
      const auto page = object_of(send("GET", url, bearer(token)));
      EXPECT_LE(++pages, 20);
      EXPECT_LE(member(page, "value")->get_array().size(), 25u);
      for (const auto& item : member(page, "value")->get_array()) {
        EXPECT_EQ(member(item.get_object(), "value"), nullptr);
        ids.push_back(*string_member(item.get_object(), "id"));
      }
      url = string_member(page, "nextLink").value_or("");
      if (!url.empty()) {
        EXPECT_EQ(url.find("https://contoso-kv.vault.azure.net:443/secrets"), 0u) << url;
        url.replace(url.find(":443"), 4, "");
      }
    }
    return std::pair(ids, pages);
  };
  const auto [names, name_pages] = walk(std::string(kVault) + "/secrets?api-version=7.4");
  EXPECT_EQ(std::set(names.begin(), names.end()).size(), 31u);
  EXPECT_EQ(name_pages, 2);
  const auto [ids, version_pages] = walk(std::string(kVault) + "/secrets/x/versions?api-version=7.4&maxresults=20");
  std::set<std::string> seen;
  for (const auto& id : ids) seen.insert(id.substr(id.rfind('/') + 1));
  EXPECT_EQ(seen, versions);
  EXPECT_EQ(version_pages, 3);
}

TEST_F(KeyVault, DeletedSecretsCanBeRecoveredOrPurged) {
  set("x", R"({"value":"one"})");
  const auto deleted = call("DELETE", "/secrets/x?api-version=7.4");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(text_at(deleted, "recoveryId"), std::string(kVault) + "/deletedsecrets/x");
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 404);
  EXPECT_EQ(vault_code_of(call("PUT", "/secrets/x?api-version=7.4", R"({"value":"v"})")),
            "Conflict/ObjectIsDeletedButRecoverable");
  EXPECT_EQ(call("GET", "/deletedsecrets/x?api-version=7.4").status, 200);
  EXPECT_EQ(call("POST", "/deletedsecrets/x/recover?api-version=7.4").status, 200);
  EXPECT_EQ(text_at(call("GET", "/secrets/x?api-version=7.4"), "value"), "one");
  call("DELETE", "/secrets/x?api-version=7.4");
  EXPECT_EQ(call("DELETE", "/deletedsecrets/x?api-version=7.4").status, 204);
  EXPECT_EQ(call("GET", "/deletedsecrets/x?api-version=7.4").status, 404);
  set("x", R"({"value":"two"})");
}

TEST_F(KeyVault, ThrottlesWritesAfterThreeHundredInTenSeconds) {
  for (int i = 0; i < 300; ++i) ASSERT_EQ(call("PUT", "/secrets/x?api-version=7.4", R"({"value":"v"})").status, 200);
  const auto throttled = call("PUT", "/secrets/x?api-version=7.4", R"({"value":"v"})");
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(vault_code_of(throttled), "Throttled");
  EXPECT_EQ(call("GET", "/secrets/x?api-version=7.4").status, 200) << "reads are counted apart";
  advance(std::chrono::seconds(10));
  set("x", R"({"value":"v"})");
}

TEST_F(KeyVault, WithoutAVersionTheLatestIsChanged) {
  const auto first = set("RefreshToken", R"({"value":"one"})");
  const auto second = set("RefreshToken", R"({"value":"two"})");
  for (const auto* path : {"/secrets/RefreshToken?api-version=7.5", "/secrets/RefreshToken/?api-version=7.5"}) {
    const auto changed = call("PATCH", path, R"({"tags":{"by":"patch"}})");
    EXPECT_EQ(changed.status, 200) << path << changed.body;
    EXPECT_EQ(string_member(object_of(changed), "id"), std::string(kVault) + "/secrets/RefreshToken/" + second);
  }
  EXPECT_EQ(member(object_of(call("GET", "/secrets/RefreshToken/" + first + "?api-version=7.5")), "tags"), nullptr);
  EXPECT_EQ(call("PATCH", "/secrets/nothing?api-version=7.5", "{}").status, 404);
}

TEST_F(KeyVault, VersionsNewerThanTheNewestAreServed) {
  for (const auto* version : {"2025-10-01", "2030-01-01-preview", "7.6-preview.2", "7.5"})
    EXPECT_EQ(call("GET", "/secrets?api-version=" + std::string(version)).status, 200) << version;
  for (const auto* version : {"7.9", "2025-06-02", "2030-00-01", "2030-01-01-alpha", "1"})
    EXPECT_EQ(call("GET", "/secrets?api-version=" + std::string(version)).status, 400) << version;
}

}  // namespace
}  // namespace portalkey::sandbox
