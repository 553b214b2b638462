#include "sandbox/entra/managed_identity.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kResource = "resource=https%3A%2F%2Fvault.azure.net";

class ManagedIdentity : public SandboxTest {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "arcXXXXXX";
    folder = ::mkdtemp(name.data());
    auto options = usual();
    options.arc_folder = folder;
    start(options);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  HttpResponse metadata(std::string_view method, std::string_view target, TextPairs headers = {}, std::string body = {}) {
    HttpRequest request;
    request.method = method;
    request.host = "169.254.169.254";
    set_target(request, target);
    request.headers = std::move(headers);
    request.body = std::move(body);
    return emulator->metadata(request);
  }
  HttpResponse imds(std::string_view query) {
    return metadata("GET", std::string(kImdsPath) + '?' + std::string(query), {{"metadata", "true"}});
  }
  static std::string problem(const HttpResponse& answer) {
    return text_at(answer, "error") + ": " + text_at(answer, "error_description");
  }
  const ServicePrincipal& identity(bool user_assigned) {
    return *find_managed_identity(emulator->world().state, user_assigned);
  }

  std::filesystem::path folder;
};

TEST_F(ManagedIdentity, ImdsAnswersInTextsOnly) {
  const auto answer = imds("api-version=2018-02-01&" + std::string(kResource));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto object = object_of(answer);
  for (const auto& item : object) EXPECT_TRUE(item.value().is_string()) << item.key();
  EXPECT_EQ(object.size(), 8u);
  EXPECT_EQ(string_member(object, "expires_in"), "86400");
  EXPECT_EQ(string_member(object, "expires_on"), std::to_string(1'767'225'600 + 86400));
  EXPECT_EQ(string_member(object, "resource"), "https://vault.azure.net");
  EXPECT_EQ(string_member(object, "client_id"), identity(false).client_id);
  const auto token = text_at(answer, "access_token");
  const auto claims = claims_of(token);
  EXPECT_EQ(string_member(claims, "oid"), identity(false).object_id);
  EXPECT_NE(string_member(claims, "xms_mirid").value_or("").find("/virtualMachines/contoso-vm"), std::string::npos);
  EXPECT_EQ(send("PUT", std::string(kVault) + "/secrets/x?api-version=7.4", bearer(token), R"({"value":"v"})").status, 200)
      << "the machine is a Secrets Officer";
}

TEST_F(ManagedIdentity, ImdsRefuses) {
  const std::string query = "?api-version=2018-02-01&" + std::string(kResource);
  const auto path = std::string(kImdsPath);
  const auto bare = metadata("GET", path + query);
  EXPECT_EQ(bare.status, 400);
  EXPECT_EQ(problem(bare), "invalid_request: Required metadata header not specified");
  const auto forwarded = metadata("GET", path + query, {{"metadata", "true"}, {"x-forwarded-for", "203.0.113.5"}});
  EXPECT_EQ(forwarded.status, 400);
  EXPECT_EQ(metadata("GET", path + "?" + std::string(kResource), {{"metadata", "true"}}).status, 400) << "no version";
  EXPECT_EQ(problem(imds("api-version=2018-02-01")), "invalid_request: Required query variable 'resource' is missing");
  EXPECT_EQ(
      problem(imds("api-version=2018-02-01&" + std::string(kResource) + "&client_id=11111111-1111-4111-8111-111111111111")),
      "invalid_request: Identity not found");
  const auto unknown = imds("api-version=2018-02-01&resource=https://nothing.example");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(problem(unknown).find("invalid_resource: AADSTS500011"), std::string::npos) << unknown.body;
  EXPECT_EQ(metadata("GET", "/metadata/instance", {{"metadata", "true"}}).status, 404);
}

TEST_F(ManagedIdentity, UserAssignedByAnyOfItsNames) {
  const auto& wanted = identity(true);
  const auto settings = parse_json_object(wanted.settings);
  const auto resource = std::string(settings->at("alternativeNames").at(1).get_string());
  for (const std::string& selector :
       {"client_id=" + wanted.client_id, "object_id=" + wanted.object_id, "msi_res_id=" + percent_encode(resource)}) {
    const auto answer = imds("api-version=2018-02-01&" + std::string(kResource) + '&' + selector);
    EXPECT_EQ(answer.status, 200) << selector << answer.body;
    EXPECT_EQ(text_at(answer, "client_id"), wanted.client_id) << selector;
  }
}

TEST_F(ManagedIdentity, AppService) {
  const auto header = emulator->world().state.identity_header;
  ASSERT_EQ(header.size(), 32u);
  const std::string query = std::string(kAppServicePath) + "?api-version=2019-08-01&" + std::string(kResource);
  EXPECT_EQ(metadata("GET", query).status, 401);
  EXPECT_EQ(metadata("GET", query, {{"x-identity-header", "wrong"}}).status, 401);
  const auto answer = metadata("GET", query, {{"x-identity-header", header}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(answer, "expires_on"), std::to_string(1'767'225'600 + 86400));
  EXPECT_EQ(member(object_of(answer), "expires_in"), nullptr);
  const auto other = metadata("GET", query + "&client_id=" + identity(true).client_id, {{"x-identity-header", header}});
  EXPECT_EQ(text_at(other, "client_id"), identity(true).client_id);
  const auto unknown = metadata("GET", query + "&client_id=x", {{"x-identity-header", header}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(text_at(unknown, "message").find("No User Assigned"), std::string::npos);

  const std::string old = std::string(kAppServicePath) + "?api-version=2017-09-01&" + std::string(kResource);
  const auto american = metadata("GET", old, {{"secret", header}});
  ASSERT_EQ(american.status, 200) << american.body;
  EXPECT_EQ(text_at(american, "expires_on"), "1/2/2026 12:00:00 AM +00:00");
  EXPECT_EQ(metadata("GET", old, {{"x-identity-header", header}}).status, 401);
  EXPECT_EQ(metadata("GET", std::string(kAppServicePath) + "?api-version=2001-01-01", {{"secret", header}}).status, 400);
}

TEST_F(ManagedIdentity, ArcAsksForTheKeyInAFile) {
  const std::string query = std::string(kArcPath) + "?api-version=2019-11-01&" + std::string(kResource);
  const auto challenge = metadata("GET", query, {{"metadata", "true"}});
  ASSERT_EQ(challenge.status, 401);
  const std::string value(challenge.header("www-authenticate"));
  ASSERT_TRUE(value.starts_with("Basic realm=/")) << value;
  const std::filesystem::path file = value.substr(12);
  EXPECT_EQ(file.parent_path(), folder);
  EXPECT_EQ(file.extension(), ".key");
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  std::ifstream in(file);
  const std::string key{std::istreambuf_iterator<char>(in), {}};

  EXPECT_EQ(metadata("GET", query, {{"metadata", "true"}, {"authorization", "Basic wrong"}}).status, 403);
  const auto answer = metadata("GET", query, {{"metadata", "true"}, {"authorization", "Basic " + key}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(answer, "client_id"), identity(false).client_id);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(metadata("GET", query, {{"metadata", "true"}, {"authorization", "Basic " + key}}).status, 403) << "works once";
  EXPECT_EQ(metadata("GET", query).status, 400) << "no Metadata header";
}

TEST_F(ManagedIdentity, CloudShellIsThePersonAtIt) {
  const auto answer = metadata("POST", kCloudShellPath, {{"metadata", "true"}}, std::string(kResource));
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(string_member(claims_of(text_at(answer, "access_token")), "upn"), kAdminAccount);
  EXPECT_EQ(metadata("GET", kCloudShellPath, {{"metadata", "true"}}).status, 405);
}

TEST_F(ManagedIdentity, OnTheAdminPortTooAndWithFaults) {
  HttpRequest request;
  request.method = "GET";
  request.host = "127.0.0.1";
  set_target(request, std::string(kImdsPath) + "?api-version=2018-02-01&" + std::string(kResource));
  request.headers = {{"metadata", "true"}};
  EXPECT_EQ(emulator->admin(request).status, 200);
  admin("POST", "/faults", R"([{"host":"imds","kind":"500","status":410,"times":1},{"host":"imds","kind":"429","times":1}])");
  EXPECT_EQ(emulator->admin(request).status, 410);
  const auto throttled = emulator->admin(request);
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(text_at(throttled, "error"), "too_many_requests");
  EXPECT_EQ(emulator->admin(request).status, 200);
  EXPECT_NE(admin("GET", "/requests").body.find("\"imds\":4"), std::string::npos);
}

TEST_F(ManagedIdentity, NotForAPageWhoseNameResolvesHere) {
  HttpRequest request;
  request.method = "GET";
  set_target(request, std::string(kImdsPath) + "?api-version=2018-02-01&" + std::string(kResource));
  request.headers = {{"metadata", "true"}};
  for (const auto* host : {"rebound.example", "169.254.169.254.nip.io", ""}) {
    request.host = host;
    EXPECT_EQ(emulator->admin(request).status, 403) << host;
    EXPECT_EQ(emulator->metadata(request).status, 403) << host;
  }
  for (const auto* host : {"127.0.0.1", "localhost", "169.254.169.254"}) {
    request.host = host;
    EXPECT_EQ(emulator->admin(request).status, 200) << host;
  }
  request.headers.emplace_back("origin", "https://evil.example");
  EXPECT_EQ(emulator->admin(request).status, 403);
}

}  // namespace
}  // namespace portalkey::sandbox
