#include "sandbox/wire/exchange_recorder.h"

#include <sys/stat.h>

#include <fstream>

#include "tests/sandbox/sandbox_fixture.h"
#include "tests/temporary_folder.h"

namespace portalkey::sandbox {
namespace {

HttpRequest request_to(std::string host, std::string method, std::string_view target, std::string body = {}) {
  HttpRequest request;
  request.method = std::move(method);
  request.host = std::move(host);
  set_target(request, target);
  request.headers = {{"authorization", "Bearer eyJsecret"}, {"content-type", "application/json"}};
  request.body = std::move(body);
  return request;
}

std::vector<json::object> lines_of(const std::filesystem::path& file) {
  std::vector<json::object> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) out.push_back(parse_json_object(line).value());
  return out;
}

TEST(ExchangeRecorder, MasksSecretsAndLeavesSignInAndPortalOut) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "exchanges.jsonl";
  {
    auto recorder = ExchangeRecorder::open(file).value();
    recorder.add(
        request_to("contoso-kv.vault.azure.net", "PUT", "/secrets/A?api-version=7.5", R"({"value":"hush","tags":{"a":"b"}})"),
        json_answer(200, {{"value", "hush"}, {"id", "https://contoso-kv.vault.azure.net/secrets/A/1"}}));
    recorder.add(request_to("graph.microsoft.com", "POST", "/v1.0/applications/1/addPassword", "{}"),
                 json_answer(200, {{"secretText", "hush"}, {"value", "seen"}}));
    recorder.add(request_to("login.microsoftonline.com", "POST", "/contoso.com/oauth2/v2.0/token", "client_secret=hush"),
                 json_answer(200, {{"access_token", "hush"}}));
    recorder.add(request_to("main.iam.ad.ext.azure.com", "GET", "/api/AccountSkus"), json_answer(200, json::array{}));
  }
  struct stat facts{};
  ASSERT_EQ(::stat(file.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);

  const auto lines = lines_of(file);
  ASSERT_EQ(lines.size(), 2u);
  const auto& put = lines[0];
  EXPECT_EQ(put.at("request").at("url"), "https://contoso-kv.vault.azure.net/secrets/A?api-version=7.5");
  EXPECT_EQ(put.at("request").at("headers").at("authorization"), "***");
  EXPECT_EQ(put.at("request").at("body"), json::value({{"value", "***"}, {"tags", {{"a", "b"}}}}));
  EXPECT_EQ(put.at("response").at("status"), 200);
  EXPECT_EQ(put.at("response").at("body").at("value"), "***");
  EXPECT_EQ(lines[1].at("response").at("body"), json::value({{"secretText", "***"}, {"value", "seen"}}));
}

TEST(ExchangeRecorder, NeverWritesIntoAFileThatIsThere) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "exchanges.jsonl";
  std::ofstream(file) << "mine";
  const auto opened = ExchangeRecorder::open(file);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::conflict);
  EXPECT_EQ(std::filesystem::file_size(file), 4u);
}

}  // namespace
}  // namespace portalkey::sandbox
