#include "entra/credentials/managed_identity.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/ascii.h"
#include "entra/oauth/expiry_text.h"
#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"
#include "tests/temporary_folder.h"

namespace portalkey::managed_identity_test {
namespace {

using namespace std::chrono_literals;

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z
  ScriptedHttp http;
  TemporaryFolder folder;
  std::map<std::string, std::string> variables;
  Environment environment() {
    return {[this](const char* name) { return variables[name]; }, [this](const char* name) { return Secret(variables[name]); }};
  }
  std::unique_ptr<Credential> credential(const std::string& client_id = "") {
    auto place = find_managed_identity(environment());
    place.arc_folder = folder.path();
    return make_managed_identity_credential(http, std::move(place), client_id, clock);
  }
  Result<Secret> ask(const std::string& client_id = "") {
    return credential(client_id)->access_token("https://vault.azure.net", Deadline::in(20min, clock));
  }
  std::chrono::seconds waited() const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.steady_now().time_since_epoch());
  }
};

const std::string kToken =
    R"({"access_token":"AT","client_id":"c","expires_in":"3599","expires_on":"1767229199","resource":"r","token_type":"Bearer"})";

std::string text(const Result<Secret>& secret) {
  return secret ? secret->reveal([](std::string_view bare) { return std::string(bare); }) : "error: " + secret.error().what;
}

bool has(const SentRequest& request, const std::string& name, const std::string& value) {
  return std::ranges::find(request.headers, std::pair(name, value)) != request.headers.end();
}

TEST(ManagedIdentity, Imds) {
  World world;
  world.http.answer(200, kToken);
  EXPECT_EQ(text(world.ask("client id")), "AT");
  const auto& sent = world.http.sent[0];
  EXPECT_EQ(
      sent.url,
      "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&"
      "client_id=client%20id");
  EXPECT_TRUE(has(sent, "Metadata", "true"));
}

TEST(ManagedIdentity, WhatIsNoTokenIsNotTaken) {
  for (const char* said : {R"({"access_token":"AT\r\nX-Evil: 1"})", R"({"access_token":"A T"})", "{}"}) {
    World world;
    world.http.answer(200, said);
    const auto token = world.ask();
    ASSERT_FALSE(token) << said;
    EXPECT_EQ(token.error().code, Errc::unavailable);
  }
}

TEST(ManagedIdentity, TheTokenIsRenewedBeforeExpiresOn) {
  World world;
  world.http.answer(200, kToken).answer(200, kToken);
  auto credential = world.credential();
  const auto ask = [&] { return credential->access_token("r", Deadline::in(1min, world.clock)); };
  ASSERT_TRUE(ask());
  world.clock.advance(3599s - 5min - 1s);
  ASSERT_TRUE(ask());
  EXPECT_EQ(world.http.sent.size(), 1u);
  world.clock.advance(1s);
  ASSERT_TRUE(ask());
}

TEST(ManagedIdentity, AppService) {
  World world;
  world.variables = {{"IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token"}, {"IDENTITY_HEADER", "key"}};
  world.http.answer(200, kToken);
  EXPECT_EQ(text(world.ask("id")), "AT");
  EXPECT_EQ(world.http.sent[0].url,
            "http://127.0.0.1:41/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net&client_id=id");
  EXPECT_TRUE(has(world.http.sent[0], "X-IDENTITY-HEADER", "key"));
}

TEST(ManagedIdentity, AppService2017WithItsDates) {
  World world;
  world.variables = {{"MSI_ENDPOINT", "http://127.0.0.1:41/msi/token"}, {"MSI_SECRET", "key"}};
  world.http.answer(200,
                    R"({"access_token":"AT","expires_on":"1/1/2026 1:00:00 AM +00:00","resource":"r","token_type":"Bearer"})");
  EXPECT_EQ(text(world.ask("id")), "AT");
  EXPECT_EQ(world.http.sent[0].url,
            "http://127.0.0.1:41/msi/token?api-version=2017-09-01&resource=https%3A%2F%2Fvault.azure.net&clientid=id");
  EXPECT_TRUE(has(world.http.sent[0], "secret", "key"));
}

TEST(ManagedIdentity, CloudShell) {
  World world;
  world.variables = {{"MSI_ENDPOINT", "http://localhost:50342/oauth2/token"}};
  world.http.answer(200, kToken);
  EXPECT_EQ(text(world.ask()), "AT");
  EXPECT_EQ(world.http.sent[0].method, "POST");
  EXPECT_EQ(world.http.sent[0].body, "resource=https%3A%2F%2Fvault.azure.net");
  EXPECT_FALSE(world.ask("id"));
}

TEST(ManagedIdentity, ServiceFabricIsRefused) {
  World world;
  world.variables = {{"IDENTITY_ENDPOINT", "https://x"}, {"IDENTITY_HEADER", "k"}, {"IDENTITY_SERVER_THUMBPRINT", "t"}};
  EXPECT_NE(world.ask().error().what.find("Service Fabric"), std::string::npos);
}

struct Arc : World {
  Arc() {
    variables = {{"IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token"},
                 {"IMDS_ENDPOINT", "http://localhost:40342"}};
    std::ofstream(folder / "good.key") << "the key\n";
    std::ofstream(folder / "good.txt") << "no key";
    std::ofstream(folder / "big.key") << std::string(4097, 'x');
    std::filesystem::create_symlink("/etc/passwd", folder / "link.key");
    std::filesystem::create_directory(folder / "sub");
    std::ofstream(folder / "sub" / "deep.key") << "elsewhere";
  }
  void challenge(const std::string& header) { http.answer(401, "", {{"www-authenticate", header}}); }
};

TEST(ManagedIdentity, AzureArcReadsTheChallengesKeyFile) {
  for (const char* quote : {"", "\""}) {
    Arc world;
    world.challenge("Basic realm=" + std::string(quote) + (world.folder / "good.key").string() + quote);
    world.http.answer(200, kToken);
    EXPECT_EQ(text(world.ask()), "AT");
    EXPECT_EQ(
        world.http.sent[0].url,
        "http://localhost:40342/metadata/identity/oauth2/token?api-version=2020-06-01&resource=https%3A%2F%2Fvault.azure.net");
    EXPECT_TRUE(has(world.http.sent[1], "Authorization", "Basic the key"));
  }
}

TEST(ManagedIdentity, AzureArcReadsNothingElse) {
  Arc files;
  for (const std::string realm :
       {files.folder / "good.txt", files.folder / "sub" / "deep.key", files.folder / "sub" / ".." / "good.key",
        files.folder / "link.key", files.folder / "big.key", files.folder / "missing.key", std::filesystem::path("/etc/x.key"),
        std::filesystem::path("good.key"), std::filesystem::path()}) {
    Arc world;
    // the same names in this world's folder
    std::string here = realm;
    if (here.starts_with(files.folder.path().string()))
      here.replace(0, files.folder.path().string().size(), world.folder.path().string());
    world.challenge("Basic realm=" + here);
    auto token = world.ask();
    EXPECT_FALSE(token) << here;
    EXPECT_EQ(world.http.sent.size(), 1u) << "nothing of the file was sent: " << here;
  }
  Arc world;
  world.http.answer(401, "", {});
  EXPECT_FALSE(world.ask());
  EXPECT_FALSE(world.ask("user-assigned"));
}

TEST(ManagedIdentity, RetriesWhatPassesAndSaysWhatDoesNot) {
  World world;
  for (const int status : {404, 429, 500, 503}) world.http.answer(status, "");
  world.http.answer(200, kToken);
  EXPECT_EQ(text(world.ask()), "AT");
  EXPECT_EQ(world.waited(), 30s);
}

TEST(ManagedIdentity, GivesUpAfterFiveTriesAndWaitsSeventySecondsForA410) {
  World world;
  for (int i = 0; i < 5; ++i) world.http.answer(500, "");
  auto token = world.ask();
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::unavailable);
  EXPECT_EQ(world.waited(), 30s);
  World other;
  for (int i = 0; i < 6; ++i) other.http.answer(410, "");
  EXPECT_FALSE(other.ask());
  EXPECT_EQ(other.waited(), 70s);
}

TEST(ManagedIdentity, NobodyThere) {
  World world;
  for (int i = 0; i < 5; ++i) world.http.lose_answer();
  auto token = world.ask();
  ASSERT_FALSE(token);
  EXPECT_NE(token.error().what.find("no managed identity answers"), std::string::npos);
  EXPECT_FALSE(token.error().remedy.empty());
}

TEST(ManagedIdentity, RefusalsAreToldApart) {
  const struct {
    int status;
    const char* body;
    Errc code;
    const char* words;
  } rows[] = {
      {400, R"({"error":"invalid_request","error_description":"Identity not found"})", Errc::not_found,
       "has no managed identity"},
      {400, R"({"error":"invalid_request","error_description":"Required metadata header not specified"})", Errc::invalid_input,
       "refused"},
      {400, R"({"error":"bad_request_102","error_description":"x"})", Errc::invalid_input, "refused"},
      {400, R"({"error":"invalid_resource","error_description":"AADSTS500011: x"})", Errc::invalid_input,
       "does not know the resource"},
      {403, "", Errc::forbidden, "does not let"},
      {200, "{}", Errc::unavailable, "no access token"},
      {200, "<html>", Errc::unavailable, "an HTML page"},
      {200, "", Errc::unavailable, "an empty body"},
      {403, "<html><title>Blocked</title>", Errc::unavailable, "an HTML page titled \"Blocked\""},
      {403, R"({"error":"forbidden","error_description":"The client is not in the group. More."})", Errc::forbidden,
       "and says: The client is not in the group"},
      {400, R"({"error":"new_word","error_description":"Something new. More."})", Errc::invalid_input,
       "and says: Something new"},
  };
  for (const auto& row : rows) {
    World world;
    world.http.answer(row.status, row.body);
    auto token = world.ask();
    ASSERT_FALSE(token) << row.body;
    EXPECT_EQ(token.error().code, row.code) << row.body;
    EXPECT_NE(token.error().what.find(row.words), std::string::npos) << token.error().what;
  }
}

TEST(ManagedIdentity, TheProbeAsksOnceWithoutTheHeader) {
  const auto probe = [](World& world) {
    return probe_imds(world.http, find_managed_identity(world.environment()), world.clock, {});
  };
  for (const int status : {400, 410, 429, 500}) {
    World world;
    world.http.answer(status, "");
    EXPECT_TRUE(probe(world)) << status;
    EXPECT_TRUE(world.http.sent[0].headers.empty());
  }
  for (const int status : {200, 403, 404}) {
    World world;
    world.http.answer(status, "");
    EXPECT_FALSE(probe(world)) << status << ": somebody else's metadata service";
  }
  World world;
  world.http.lose_answer();
  EXPECT_NE(probe(world).error().what.find("no machine of Azure's"), std::string::npos);
}

TEST(ExpiryText, EverySpelling) {
  const auto seconds = [](std::string_view spelled) -> std::int64_t {
    const auto time = parse_expiry(spelled);
    return time ? unix_seconds(*time) : -1;
  };
  for (const char* spelled : {"1767225600", "1/1/2026 12:00:00 AM +00:00", "01/01/2026 00:00:00 +00:00",
                              "1/1/2026 1:30:00 AM +01:30", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z",
                              "2025-12-31T16:00:00-08:00", "2026-01-01 00:00:00", " 1/1/2026 12:00:00 AM "}) {
    EXPECT_EQ(seconds(spelled), 1'767'225'600) << spelled;
  }
  EXPECT_EQ(seconds("1/1/2026 12:00:00 PM +00:00"), 1'767'225'600 + 12 * 3600);
  EXPECT_EQ(seconds("1/1/2026 1:00:00 PM +00:00"), 1'767'225'600 + 13 * 3600);
  for (const char* garbage : {"", "soon", "13/40/2026 1:00:00 AM", "2026-02-30T00:00:00Z", "-5", "1/1/9999 1:00:00 AM"}) {
    EXPECT_EQ(seconds(garbage), -1) << garbage;
  }
}

TEST(ExpiryText, ALifetimeIsAlwaysUsable) {
  const auto lifetime = [](const char* json) {
    return token_lifetime(boost::json::parse(json).as_object(), from_unix_seconds(1'767'225'600));
  };
  EXPECT_EQ(lifetime(R"({"expires_on":"1767225700","expires_in":"9"})"), 100s);
  EXPECT_EQ(lifetime(R"({"expires_on":1767225700})"), 100s);
  EXPECT_EQ(lifetime(R"({"expires_on":"1","expires_in":"9"})"), 9s) << "the clocks differ";
  EXPECT_EQ(lifetime(R"({"expires_on":"later"})"), 5min);
  EXPECT_EQ(lifetime(R"({"expires_on":"99999999999"})"), 48h);
  EXPECT_EQ(lifetime("{}"), 5min);
}

TEST(ManagedIdentity, AnEndpointElsewhereIsNamedAndNothingIsSent) {
  const std::map<std::string, std::map<std::string, std::string>> places = {
      {"IDENTITY_ENDPOINT", {{"IDENTITY_HEADER", "key"}}},
      {"MSI_ENDPOINT", {{"MSI_SECRET", "key"}}},
      {"AZURE_POD_IDENTITY_AUTHORITY_HOST", {}},
  };
  auto urls = hostile_urls("169.254.169.254", "/msi/token");
  std::erase_if(urls, [](const auto& url) { return same_ignoring_case(url, "http://169.254.169.254/msi/token"); });
  for (const char* url :
       {"http://evil.example/msi/token", "https://127.0.0.1/msi/token", "http://127.0.0.1\\@evil.example/", "x"})
    urls.emplace_back(url);
  for (const auto& [setting, others] : places) {
    for (const auto& url : urls) {
      if (url.empty() || url.contains('\0')) continue;  // not of an environment
      World world;
      world.variables = others;
      world.variables[setting] = url;
      const auto token = world.ask();
      ASSERT_FALSE(token) << setting << " " << url;
      EXPECT_EQ(token.error().code, Errc::invalid_input) << url;
      EXPECT_TRUE(token.error().what.starts_with(setting + " in the environment")) << token.error().what;
      EXPECT_FALSE(probe_imds(world.http, find_managed_identity(world.environment()), world.clock, {})) << url;
    }
  }
}

}  // namespace
}  // namespace portalkey::managed_identity_test
