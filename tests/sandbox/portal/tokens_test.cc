// Hardware tokens at the portal: upload, uploads, users, enable, remove.
#include <set>

#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kKey = "2234567ABCDEF2234567ABCDEF";
constexpr std::string_view kRoot = "/MultiFactorAuthentication/HardwareToken/";
constexpr std::string_view kCsvHeader = "upn,serial number,secret key,time interval,manufacturer,model\r\n";

class PortalTokens : public SandboxTest {
 protected:
  void SetUp() override { begin(usual()); }
  void begin(SandboxOptions options) {
    start(std::move(options));
    token = access_token(kPortalApp);
  }
  HttpResponse call(std::string_view method, std::string_view path, std::string body = {}) {
    return portal(method, std::string(kRoot) + std::string(path), token, std::move(body));
  }
  HttpResponse upload(std::string_view csv, std::string_view name = "a.csv") {
    return call("POST", "upload",
                json::serialize(
                    json::object{{"content", csv}, {"id", nullptr}, {"mimeType", "application/vnd.ms-excel"}, {"name", name}}));
  }
  static std::string row(std::string_view upn, std::string_view serial, std::string_view interval = "30",
                         std::string_view key = kKey) {
    return std::string(upn) + ',' + std::string(serial) + ',' + std::string(key) + ',' + std::string(interval) +
           ",Contoso,HardwareKey\r\n";
  }
  /// Uploads and waits until it is processed; its status.
  std::string import(std::string_view rows) {
    const auto answer = upload(std::string(kCsvHeader) + std::string(rows), "import.csv");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.body, "true");
    advance(1s);
    return status_of("import.csv");
  }
  std::string status_of(std::string_view name) {
    const auto list = parse_json(call("GET", "listUploads").body);
    for (const auto& item : list->get_array()) {
      if (view(item.at("fileName").get_string()) == name)
        return std::string(view(item.at("fileProcessingStatus").get_string()));
    }
    return "absent";
  }
  json::array users(std::string query = "skipToken=&upn=&enabledFilter=") {
    return member(object_of(call("GET", "users?" + query)), "items")->get_array();
  }
  std::set<std::string> serials() {
    std::set<std::string> out;
    for (const auto& item : users()) out.insert(std::string(view(item.at("serialNumber").get_string())));
    return out;
  }
  std::string code_at(std::chrono::seconds offset, int step = 30) const {
    return totp(*decode_base32(kKey), clock.now() + offset, std::chrono::seconds(step));
  }
  HttpResponse enable(const json::value& item, std::string_view code, bool short_body = false) {
    json::object body =
        short_body
            ? json::object{{"@enableAction", "Activate"}, {"oathId", item.at("oathId")}, {"objectId", item.at("objectId")}}
            : item.get_object();
    body["verificationCode"] = code;
    return call("POST", "enable", json::serialize(body));
  }
  /// Puts tokens there without an upload.
  void put_tokens(int count) {
    for (int i = 0; i < count; ++i) {
      const json::object body{
          {"upn", "user" + std::to_string(i) + "@contoso.com"}, {"serialNumber", "S" + std::to_string(i)}, {"secretKey", kKey}};
      ASSERT_EQ(admin("POST", "/tokens", json::serialize(body)).status, 200);
    }
  }
  std::string token;
};

TEST_F(PortalTokens, UploadIsProcessedLater) {
  EXPECT_EQ(upload(std::string(kCsvHeader) + row(kHelga, "0012")).body, "true");
  EXPECT_EQ(status_of("a.csv"), "InProgress");
  EXPECT_TRUE(users().empty());
  advance(999ms);
  EXPECT_EQ(status_of("a.csv"), "InProgress");
  advance(1ms);
  EXPECT_EQ(status_of("a.csv"), "CompletedWithNoErrors");
  const auto items = users();
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(view(items[0].at("upn").get_string()), kHelga);
  EXPECT_EQ(items[0].at("serialNumber"), "0012") << "leading zeros stay";
  EXPECT_EQ(items[0].at("timeInterval"), 30);
  EXPECT_EQ(items[0].at("enabled"), false);
  EXPECT_EQ(items[0].at("enableAction"), "Activate");
  EXPECT_EQ(admin("GET", "/tokens").body.find(kKey) == std::string::npos, false) << "the admin port reveals seeds";
  EXPECT_EQ(call("GET", "users?skipToken=&upn=&enabledFilter=").body.find(kKey), std::string::npos) << "the portal never does";
}

TEST_F(PortalTokens, BothSpellingsOfThePathWork) {
  EXPECT_EQ(portal("GET", "/MultifactorAuthentication/HardwareToken/listUploads", token).status, 200);
  EXPECT_EQ(portal("GET", "/multifactorauthentication/hardwaretoken/LISTUPLOADS", token).status, 200);
}

TEST_F(PortalTokens, MalformedFilesAreRefusedAtOnce) {
  const auto illegal =
      upload(std::string(kCsvHeader) + row(kHelga, "1") + row("bob@contoso.com", "2", "30", "223456789ABCDEF2"));
  EXPECT_EQ(illegal.status, 400);
  EXPECT_NE(
      illegal.body.find(
          R"("localizedErrorDetails":{"hardwareTokenUploadValidationFailure":"Invalid base32 encoding due to illegal character 8 for: bob@contoso.com, serial number: 2"})"),
      std::string::npos)
      << illegal.body;
  EXPECT_NE(illegal.body.find(R"("errorCode":"BadRequest")"), std::string::npos);
  EXPECT_EQ(status_of("a.csv"), "absent") << "nothing of it is kept";
  for (const auto& csv :
       {std::string(), std::string("upn,serial,secret key,time interval,manufacturer,model\r\n") + row(kHelga, "1"),
        std::string("upn,serial number,secret key,time interval,manufacturer,model,disabled\r\n"), row(kHelga, "1"),
        std::string(kCsvHeader) + "helga@contoso.com,1,2234567A,30,Contoso Co., Ltd,Key\r\n",
        std::string(kCsvHeader) + row(kHelga, "1", "30", std::string(136, 'A')),
        std::string(kCsvHeader) + row(kHelga, "1", "30", "ABC")}) {
    EXPECT_EQ(upload(csv).status, 400) << csv;
  }
  EXPECT_EQ(call("POST", "upload", "[]").status, 400);
  EXPECT_EQ(call("POST", "upload", R"({"content":"x"})").status, 400);
}

TEST_F(PortalTokens, HeaderLinesThatPublicScriptsSendAreTaken) {
  const std::vector<std::string> headers{"UPN,Serial Number,Secret Key,Time Interval,Manufacturer,Model",
                                         "upn,serial number,secret key,timeinterval,manufacturer,model",
                                         "Upn,Serial Number,Secret Key,TimeInterval,Manufacturer,Model"};
  int serial = 1;
  for (const auto& header : headers) {
    EXPECT_EQ(upload(header + "\r\n" + row("u" + std::to_string(serial) + "@contoso.com", std::to_string(serial))).status, 200)
        << header;
    ++serial;
  }
  auto seven = row("seven@contoso.com", "7");
  seven.insert(seven.find('\r'), ",true");
  EXPECT_EQ(upload(headers[1] + ",enabled\r\n" + seven).status, 200);
  EXPECT_EQ(upload(headers[1] + ",enabled\r\n" + row("six@contoso.com", "6")).status, 400);
}

TEST_F(PortalTokens, OnlyTheDocumentedHeaderLineIsTakenIfAskedFor) {
  auto options = usual();
  options.exact_upload_header = true;
  begin(options);
  EXPECT_EQ(upload("UPN,Serial Number,Secret Key,Time Interval,Manufacturer,Model\r\n" + row(kHelga, "1")).status, 400);
  EXPECT_EQ(upload(std::string(kCsvHeader) + row(kHelga, "1")).status, 200);
}

TEST_F(PortalTokens, RowsAreJudgedEach) {
  std::string rows = row(kHelga, "good");
  rows += row("left.someone@contoso.com", "left") + row("nobody@contoso.com", "nobody") + row("x@fabrikam.com", "foreign");
  rows += row("anna_fabrikam.com#EXT#@contoso.onmicrosoft.com", "guest");
  rows += row("bob@contoso.com", "interval", "45") + row("bob@contoso.com", "GOOD") + row("bob@contoso.com", "");
  for (int i = 1; i <= 6; ++i) rows += row("carol@contoso.com", "c" + std::to_string(i));
  EXPECT_EQ(import(rows), "CompletedWithErrors");
  EXPECT_EQ(serials(), (std::set<std::string>{"good", "c1", "c2", "c3", "c4", "c5"})) << "good rows are made all the same";
  const auto why = admin("GET", "/uploads").body;
  EXPECT_NE(why.find("User does not exist in the current directory"), std::string::npos);
  EXPECT_EQ(why.find(kKey), std::string::npos);
  EXPECT_EQ(import(row("dave@contoso.com", "good")), "CompletedWithErrors") << "the serial number is taken";
}

TEST_F(PortalTokens, AllOrNothingIsASwitch) {
  auto options = usual();
  options.upload_all_or_nothing = true;
  begin(options);
  EXPECT_EQ(import(row(kHelga, "1") + row("nobody@contoso.com", "2")), "CompletedWithErrors");
  EXPECT_TRUE(users().empty());
  EXPECT_EQ(import(row(kHelga, "1")), "CompletedWithNoErrors");
  EXPECT_EQ(serials(), std::set<std::string>{"1"});
}

TEST_F(PortalTokens, OutcomeOfUploadsCanBeForced) {
  policy(R"({"uploadOutcome":"never"})");
  EXPECT_EQ(import(row(kHelga, "1")), "InProgress");
  policy(R"({"uploadOutcome":"errors"})");
  EXPECT_EQ(status_of("import.csv"), "CompletedWithErrors");
  EXPECT_TRUE(users().empty());
}

TEST_F(PortalTokens, ApostropheMayBeDoubled) {
  EXPECT_EQ(import(row("o'brien@contoso.com", "1") + row("o''brien@contoso.com", "2")), "CompletedWithNoErrors");
  EXPECT_EQ(users("skipToken=&upn=o%27%27brien%40contoso.com&enabledFilter=").size(), 2u);
  EXPECT_EQ(call("GET", "users?skipToken=&upn=o%27brien%40contoso.com&enabledFilter=").status, 400) << "in a filter it must be";
}

TEST_F(PortalTokens, StrictTenantKnowsItsOwnOnly) {
  auto options = usual();
  options.strict_users = true;
  begin(options);
  EXPECT_EQ(import(row(kHelga, "1") + row("admin@contoso.com", "2")), "CompletedWithErrors");
  EXPECT_EQ(serials(), std::set<std::string>{"2"});
}

TEST_F(PortalTokens, UploadNeedsGlobalAdministratorAndALicence) {
  admin("POST", "/users", R"({"upn":"paa@contoso.com","roles":["Privileged Authentication Administrator"]})");
  token = access_token(kPortalApp, "paa@contoso.com");
  EXPECT_EQ(upload(std::string(kCsvHeader)).status, 403);
  EXPECT_EQ(call("GET", "listUploads").status, 200);
  token = access_token(kPortalApp, "helpdesk@contoso.com");
  for (const auto* path : {"listUploads", "users?skipToken=&upn=&enabledFilter="})
    EXPECT_EQ(call("GET", path).status, 403) << path;
  auto options = usual();
  options.premium_licence = false;
  begin(options);
  EXPECT_EQ(upload(std::string(kCsvHeader)).status, 403);
}

TEST_F(PortalTokens, UploadRowsCanBeListedAsItemsAndDeleted) {
  auto options = usual();
  options.list_uploads_items = true;
  begin(options);
  upload(std::string(kCsvHeader));
  const auto items = member(object_of(call("GET", "listUploads")), "items")->get_array();
  ASSERT_EQ(items.size(), 1u);
  const std::string id(view(items[0].at("id").get_string()));
  EXPECT_EQ(call("DELETE", "upload/" + id).status, 200);
  EXPECT_EQ(call("DELETE", "upload/" + id).status, 404);
}

TEST_F(PortalTokens, UsersComeInPagesOf25AndCanBeFiltered) {
  put_tokens(60);
  std::vector<std::string> seen;
  std::string skip;
  int pages = 0;
  do {
    const auto page = object_of(call("GET", "users?skipToken=" + percent_encode(skip) + "&upn=&enabledFilter="));
    for (const auto& item : member(page, "items")->get_array()) seen.emplace_back(view(item.at("serialNumber").get_string()));
    skip = string_member(page, "skipToken").value_or("");
    ++pages;
  } while (!skip.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 60u);
  EXPECT_EQ(std::set(seen.begin(), seen.end()).size(), 60u);
  EXPECT_EQ(users("skipToken=&upn=user59%40contoso.com&enabledFilter=").size(), 1u);
  EXPECT_EQ(users("skipToken=&upn=&enabledFilter=true").size(), 0u);
  EXPECT_EQ(call("GET", "users?skipToken=nonsense&upn=&enabledFilter=").status, 400);
  EXPECT_EQ(call("GET", "users?skipToken=&upn=&enabledFilter=maybe").status, 400);
  EXPECT_NE(
      call("GET", "users/download?upn=&enabledFilter=").body.find("user59@contoso.com,S59,30,Contoso,HardwareKey,false\r\n"),
      std::string::npos);
}

TEST_F(PortalTokens, ActivationVerifiesTheCode) {
  for (const int step : {30, 60}) {
    for (const bool short_body : {false, true}) {
      const std::string serial = std::to_string(step) + (short_body ? "s" : "f");
      ASSERT_EQ(admin("POST", "/tokens",
                      R"({"upn":"Helga@contoso.com","serialNumber":")" + serial + R"(","secretKey":")" + std::string(kKey) +
                          R"(","timeInterval":)" + std::to_string(step) + '}')
                    .status,
                200);
      const auto item = users("skipToken=&upn=&enabledFilter=false").at(0);
      const std::chrono::seconds one(step);
      for (const auto offset : {-3 * one, -2 * one, 2 * one, 3 * one}) {
        const auto wrong = enable(item, code_at(offset, step), short_body);
        EXPECT_EQ(wrong.status, 400) << offset.count();
        EXPECT_NE(wrong.body.find("InvalidVerificationCode"), std::string::npos);
      }
      const auto right = enable(item, code_at(short_body ? one : -one, step), short_body);
      EXPECT_EQ(right.status, 200) << right.body;
      EXPECT_EQ(right.body, "true");
      EXPECT_EQ(enable(item, "000000", short_body).status, 200) << "already active";
      EXPECT_TRUE(users("skipToken=&upn=&enabledFilter=false").empty());
    }
  }
}

TEST_F(PortalTokens, ActivationFollowsTheSandboxClock) {
  put_tokens(1);
  admin("POST", "/clock", R"({"offsetSeconds":600})");
  const auto item = users().at(0);
  EXPECT_EQ(enable(item, code_at(0s)).status, 400);
  EXPECT_EQ(enable(item, code_at(600s)).status, 200);
}

TEST_F(PortalTokens, ActivationRefusesMalformedBodies) {
  put_tokens(1);
  const auto item = users().at(0);
  json::object body = item.get_object();
  body["verificationCode"] = 123456;
  EXPECT_EQ(call("POST", "enable", json::serialize(body)).status, 400) << "a code is text";
  body["verificationCode"] = code_at(0s);
  body.erase("enableAction");
  EXPECT_EQ(call("POST", "enable", json::serialize(body)).status, 400);
  body["enableAction"] = "Activate";
  body["objectId"] = "00000000-1111-4222-8333-444444444444";
  EXPECT_EQ(call("POST", "enable", json::serialize(body)).status, 400) << "another user's";
  body["oathId"] = "00000000-1111-4222-8333-444444444444";
  EXPECT_EQ(call("POST", "enable", json::serialize(body)).status, 404);
  TextPairs headers = bearer(token);
  headers.emplace_back("x-ms-client-request-id", "11111111-1111-4111-8111-111111111111");
  headers.emplace_back("x-ms-correlation-id", "22222222-2222-4222-8222-222222222222");
  headers.emplace_back("content-type", "text/plain");
  EXPECT_EQ(send("POST", std::string(kPortal) + std::string(kRoot) + "enable", headers, "{}").status, 415);
}

TEST_F(PortalTokens, ActivationNeedsARole) {
  put_tokens(1);
  const auto item = users().at(0);
  token = access_token(kPortalApp, "helpdesk@contoso.com");
  EXPECT_EQ(enable(item, code_at(0s)).status, 403);
  admin("POST", "/users", R"({"upn":"helpdesk@contoso.com","roles":["Privileged Authentication Administrator"]})");
  EXPECT_EQ(enable(item, code_at(0s)).status, 200);
}

TEST_F(PortalTokens, ActivationsAreLimitedInASlidingWindow) {
  auto options = usual();
  options.activation_limit = 3;
  options.activation_window = 10s;
  begin(options);
  put_tokens(5);
  const auto items = users();
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(enable(items[i], code_at(0s)).status, 200);
    advance(1s);
  }
  EXPECT_EQ(enable(items[0], code_at(0s)).status, 200) << "nothing to activate, nothing to limit";
  const auto limited = enable(items[3], code_at(0s));
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.header("retry-after"), "7");
  advance(7s);
  EXPECT_EQ(enable(items[3], code_at(0s)).status, 200);
  EXPECT_EQ(enable(items[4], code_at(0s)).status, 429);
}

TEST_F(PortalTokens, LeadingZeroCodesCanBeRefused) {
  auto options = usual();
  options.refuse_leading_zero_codes = true;
  begin(options);
  put_tokens(1);
  while (!code_at(0s).starts_with('0')) advance(30s);
  token = access_token(kPortalApp);
  const auto item = users().at(0);
  EXPECT_EQ(enable(item, code_at(0s)).status, 400);
  while (code_at(0s).starts_with('0')) advance(30s);
  EXPECT_EQ(enable(item, code_at(0s)).status, 200);
}

TEST_F(PortalTokens, RemoveTakesEveryLikelyBody) {
  put_tokens(4);
  const auto items = users();
  EXPECT_EQ(call("POST", "remove", json::serialize(items[0])).status, 200);
  EXPECT_EQ(call("POST", "remove", json::serialize(json::array{items[1]})).status, 200);
  EXPECT_EQ(call("POST", "remove",
                 json::serialize(json::object{{"items", json::array{json::object{{"oathId", items[2].at("oathId")}}}}}))
                .status,
            200);
  EXPECT_EQ(serials(), std::set<std::string>{"S3"});
  EXPECT_EQ(call("POST", "remove", json::serialize(items[0])).status, 404);
  EXPECT_EQ(call("POST", "remove", "{}").status, 400);
  EXPECT_EQ(import(row(kHelga, "S0")), "CompletedWithNoErrors") << "a removed serial number is free again";
}

}  // namespace
}  // namespace portalkey::sandbox
