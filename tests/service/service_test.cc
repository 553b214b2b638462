#include "service/service.h"

#include <gmock/gmock.h>

#include "service/api/routes.h"
#include "tests/service/service_world.h"

namespace portalkey::service_test {
namespace {

namespace json = boost::json;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct ServiceTest : testing::Test, ServiceWorld {};

std::string one_token(const std::string& serial, const std::string& upn = "anna@contoso.com") {
  return json::serialize(json::object{{"serialNumber", serial}, {"secretKey", kSeedOfTests}, {"upn", upn}});
}

TEST_F(ServiceTest, OneTokenGoesFromTheCallToActivated) {
  const auto answer = call("POST", "/v1/tenants/default/tokens", one_token("T1"));
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto job = body_of(answer);
  EXPECT_EQ(job.at("state"), "done");
  EXPECT_EQ(job.at("begunBy"), "key:all");
  EXPECT_EQ(job.at("results").at(0).at("state"), "active");
  ASSERT_EQ(portal.tokens.size(), 1u);
  EXPECT_TRUE(portal.tokens[0].active);
  EXPECT_EQ(audit.told(), (std::vector<std::string>{"addToken asked", "job.begun asked", "tokens.upload asked",
                                                    "token.settled done:active", "job.ended done", "addToken done"}));
  EXPECT_EQ(mirror.changes, std::vector<std::string>{"put T1 active"});
  for (const auto& entry : audit.entries) EXPECT_THAT(entry.event.detail, Not(HasSubstr(kSeedOfTests)));
}

TEST_F(ServiceTest, ACallerWhoDoesNotWaitIsToldWhereToAsk) {
  auto asked = request("POST", "/v1/tenants/default/tokens", one_token("T1"));
  asked.headers.emplace_back("prefer", "respond-async");
  const auto answer = service->handle(asked);
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_FALSE(answer.header("retry-after").empty());
  const std::string at(answer.header("operation-location")), location(answer.header("location"));
  EXPECT_EQ(at, "https://localhost:8443/v1/tenants/default/jobs/" + std::string(body_of(answer).at("id").as_string()));
  wait_for_jobs();
  const auto status = call("GET", at.substr(22));
  EXPECT_EQ(status.status, 200);
  EXPECT_EQ(body_of(status).at("state"), "done");
  // The engine's poll comes without the caller's token.
  const auto result = call("GET", location.substr(22), {}, "");
  EXPECT_EQ(result.status, 200) << result.body;
  EXPECT_EQ(body_of(result).at("results").at(0).at("state"), "active");
  EXPECT_EQ(call("GET", location.substr(22, location.find('?') - 22), {}, "").status, 401);
  auto forged = location.substr(22);
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(call("GET", forged, {}, "").status, 401);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(call("GET", location.substr(22), {}, "").status, 401);
}

TEST_F(ServiceTest, WhatIsNotWrittenIntoTheTrailDoesNotHappen) {
  audit.full = true;
  const auto answer = call("POST", "/v1/tenants/default/tokens", one_token("T1"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(code_of(answer), "audit_unavailable");
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(portal.uploads, 0);
  EXPECT_EQ(call("GET", "/v1/tenants/default/tokens").status, 200);  // reads go on
  EXPECT_THAT(service->metrics().text(), HasSubstr("portalkey_audit_failures_total"));
}

TEST_F(ServiceTest, AJobStopsWhenTheTrailDoesNotTakeWhatItDid) {
  portal.on_enable = [this] { audit.full = true; };
  const auto answer =
      call("POST", "/v1/tenants/default/imports",
           json::serialize(json::object{
               {"tokens",
                {{{"serialNumber", "T1"}, {"secretKey", kSeedOfTests}, {"upn", "a@contoso.com"}},
                 {{"serialNumber", "T2"}, {"secretKey", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR"}, {"upn", "b@contoso.com"}}}}}));
  ASSERT_EQ(answer.status, 202) << answer.body;
  wait_for_jobs();
  ASSERT_EQ(journal().size(), 1u);
  EXPECT_NE(journal().front().state, Job::State::done);
  audit.full = false;
  portal.on_enable = {};
  const std::string id = journal().front().id;
  EXPECT_EQ(call("POST", "/v1/tenants/default/jobs/" + id + "/resume").status, 202);
  wait_for_jobs();
  EXPECT_EQ(journal().front().state, Job::State::done);
}

TEST_F(ServiceTest, ARequestWithAKeyIsDoneOnceAndAnsweredAgain) {
  auto asked = request("POST", "/v1/tenants/default/tokens", one_token("T1"));
  asked.headers.emplace_back("idempotency-key", "one");
  const auto first = service->handle(asked);
  ASSERT_EQ(first.status, 200) << first.body;
  const auto again = service->handle(asked);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("idempotent-replay"), "true");
  EXPECT_EQ(journal().size(), 1u);
  auto other = request("POST", "/v1/tenants/default/tokens", one_token("T2"));
  other.headers.emplace_back("repeatability-request-id", "one");
  const auto refused = service->handle(other);
  EXPECT_EQ(refused.status, 422) << refused.body;
  clock.advance(std::chrono::hours(25));
  EXPECT_EQ(service->handle(other).status, 200);
}

TEST_F(ServiceTest, WhatIsNotOfTheRoutesFormIsRefusedByItsName) {
  const std::string tokens = "/v1/tenants/default/tokens";
  struct Case {
    std::string method, target, body;
    int status;
    std::string field;
  };
  const Case cases[] = {
      {"GET", "/v2/tenants", "", 404, ""},
      {"GET", tokens + "?colour=red", "", 400, "colour"},
      {"GET", tokens + "?top=0", "", 400, "/top"},
      {"GET", tokens + "?top=ten", "", 400, "/top"},
      {"GET", tokens + "?top=5&top=6", "", 400, "top"},
      {"GET", tokens + "?state=asleep", "", 400, "/state"},
      {"POST", tokens, "{", 400, ""},
      {"POST", tokens, "[]", 400, ""},
      {"POST", tokens, R"({"serialNumber":"T1","secretKey":"GEZDGNBV","colour":"red"})", 400, ""},
      {"POST", tokens, R"({"serialNumber":7,"secretKey":"GEZDGNBV"})", 400, "/serialNumber"},
      {"POST", tokens, R"({"serialNumber":"T1"})", 400, "/secretKey"},
      {"POST", "/v1/tenants/default/imports", R"({"tokens":[{"serialNumber":"T1"}]})", 400, "/tokens/0/secretKey"},
      {"POST", "/v1/tenants/default/imports", R"({})", 400, ""},
      {"POST", "/v1/tenants/default/imports", R"({"file":"%%%"})", 400, "/file"},
      {"POST", "/v1/tenants/default/jobs", R"({"kind":"burn","tokens":[{"serialNumber":"T1"}]})", 400, "/kind"},
      {"POST", "/v1/tenants/default/jobs/x/cancel", R"({"now":true})", 400, ""},
      {"GET", "/v1/tenants/nobody/tokens", "", 404, ""},
      {"GET", "/v1/tenants/%00/tokens", "", 404, ""},
  };
  for (const auto& one : cases) {
    const auto answer = call(one.method, one.target, one.body);
    EXPECT_EQ(answer.status, one.status) << one.target << " " << one.body << " " << answer.body;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << one.target;
    const auto body = body_of(answer);
    EXPECT_EQ(body.contains("field") ? body.at("field").as_string() : "", one.field) << answer.body;
    EXPECT_THAT(answer.body, Not(HasSubstr("GEZDGNBV"))) << one.body;
  }
  const auto method = call("PATCH", tokens);
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.header("allow"), "GET, POST");
  auto zipped = request("POST", tokens, one_token("T1"));
  zipped.headers.emplace_back("content-encoding", "gzip");
  EXPECT_EQ(service->handle(zipped).status, 415);
  auto text = request("POST", tokens, one_token("T1"));
  text.headers.back().second = "text/plain";
  EXPECT_EQ(service->handle(text).status, 415);
}

/// The path with something in its braces.
std::string filled(const Route& route) {
  std::string path(route.path);
  for (const auto& [name, value] :
       {std::pair{"{tenant}", "default"}, {"{serialNumber}", "T1"}, {"{upn}", "anna@contoso.com"}, {"{job}", "none-such"}}) {
    if (const auto at = path.find(name); at != std::string::npos) path.replace(at, std::string_view(name).size(), value);
  }
  return path;
}

TEST_F(ServiceTest, EveryRouteIsOpenToItsRightAndToNoOther) {
  for (const auto right : kEveryRight) authenticator.add(std::string(name_of(right)), {right});
  for (const auto& route : routes()) {
    const auto path = filled(route);
    const auto stranger = call(std::string(route.method), path, {}, "");
    const auto wrong = call(std::string(route.method), path, {}, "somebody-else");
    if (route.open) {
      EXPECT_NE(stranger.status, 401) << route.id;
      continue;
    }
    EXPECT_EQ(stranger.status, 401) << route.id;
    EXPECT_EQ(wrong.status, 401) << route.id;
    EXPECT_EQ(stranger.header("www-authenticate"), "Bearer");
    for (const auto right : kEveryRight) {
      const auto answer = call(std::string(route.method), path, {}, std::string(name_of(right)));
      const bool may = !route.right || *route.right == right;
      if (may) {
        EXPECT_NE(answer.status, 403) << route.id << " " << name_of(right) << answer.body;
        EXPECT_NE(answer.status, 401) << route.id;
      } else {
        EXPECT_EQ(answer.status, 403) << route.id << " " << name_of(right);
        EXPECT_EQ(code_of(answer), "forbidden");
      }
    }
  }
}

TEST_F(ServiceTest, EveryRouteHasWhatItsDocumentNeeds) {
  std::set<std::string_view> ids;
  for (const auto& route : routes()) {
    EXPECT_TRUE(ids.insert(route.id).second) << route.id;
    EXPECT_FALSE(route.summary.empty()) << route.id;
    EXPECT_FALSE(route.answers.empty()) << route.id;
    EXPECT_NE(route.handle, nullptr) << route.id;
    EXPECT_EQ(route.open && route.writes, false) << route.id;
  }
  const auto document = json::parse(call("GET", "/openapi.json", {}, "").body);
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  std::size_t operations = 0;
  for (const auto& path : document.at("paths").as_object()) operations += path.value().as_object().size();
  EXPECT_EQ(operations, routes().size());
}

TEST_F(ServiceTest, ACallersLimitsHold) {
  authenticator.add("sales", {std::begin(kEveryRight), std::end(kEveryRight)}, {.domains = {"sales.contoso.com"}});
  authenticator.add("elsewhere", {std::begin(kEveryRight), std::end(kEveryRight)}, {.tenants = {"fabrikam"}});
  authenticator.add("looks", {Right::tokens_read}, {.may_export = false});
  const auto refused = call("POST", "/v1/tenants/default/tokens", one_token("T1", "anna@contoso.com"), "sales");
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(portal.uploads, 0);
  EXPECT_TRUE(journal().empty());
  EXPECT_EQ(call("POST", "/v1/tenants/default/tokens", one_token("T2", "bert@SALES.contoso.com"), "sales").status, 200);
  // A token of somebody else is not taken by its serial number either.
  ASSERT_EQ(call("POST", "/v1/tenants/default/tokens", one_token("T3", "anna@contoso.com")).status, 200);
  EXPECT_EQ(call("DELETE", "/v1/tenants/default/tokens/T3", {}, "sales").status, 403);
  EXPECT_EQ(call("GET", "/v1/tenants/default/tokens", {}, "elsewhere").status, 404);
  EXPECT_EQ(call("GET", "/v1/tenants/default/tokens", {}, "looks").status, 403);
  EXPECT_EQ(call("GET", "/v1/tenants/default/tokens?top=10", {}, "looks").status, 200);
  EXPECT_EQ(call("GET", "/v1/tenants/default/tokens?top=10&after=x", {}, "looks").status, 403);
}

TEST_F(ServiceTest, ACallerChangesSoManyTokensADayAndNoMore) {
  authenticator.add("two", {std::begin(kEveryRight), std::end(kEveryRight)}, {.tokens_a_day = 2});
  for (const char* serial : {"T1", "T2"})
    EXPECT_EQ(call("POST", "/v1/tenants/default/tokens", one_token(serial), "two").status, 200);
  const auto refused = call("POST", "/v1/tenants/default/tokens", one_token("T3"), "two");
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_FALSE(refused.header("retry-after").empty());
  EXPECT_EQ(portal.tokens.size(), 2u);
  clock.advance(std::chrono::hours(26));
  EXPECT_EQ(call("POST", "/v1/tenants/default/tokens", one_token("T3"), "two").status, 200);
}

TEST_F(ServiceTest, TooManyRequestsOfOneCallerAreRefused) {
  ServiceSettings settings;
  settings.requests_a_minute = 3;
  Service busy({tenants, authenticator, audit, mirror, *requests, *use, clock}, settings, Secret("key"));
  authenticator.add("other", {Right::tokens_read});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(busy.handle(request("GET", "/v1/me")).status, 200);
  const auto refused = busy.handle(request("GET", "/v1/me"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("retry-after"), "60");
  EXPECT_EQ(busy.handle(request("GET", "/v1/me", {}, "other")).status, 200);
  clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(busy.handle(request("GET", "/v1/me")).status, 200);
}

TEST_F(ServiceTest, AFileComesInBase64AsPowerAutomateHasItOrAsAForm) {
  const std::string csv =
      "upn,serial number,secret key,time "
      "interval,manufacturer,model\nanna@contoso.com,T1,GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ,30,Contoso,HW\n";
  const std::string encoded =
      "dXBuLHNlcmlhbCBudW1iZXIsc2VjcmV0IGtleSx0aW1lIGludGVydmFsLG1hbnVmYWN0dXJlcixtb2RlbAphbm5hQGNvbnRvc28uY29tLFQxLEdFWkRHTkJW"
      "R1kzVFFPSlFHRVpER05C"
      "VkdZM1RRT0pRLDMwLENvbnRvc28sSFcK";
  const json::value files[] = {json::value(encoded), json::value("data:text/csv;base64," + encoded),
                               json::object{{"$content-type", "text/csv"}, {"$content", encoded}}};
  for (const auto& file : files) {
    const auto answer =
        call("POST", "/v1/tenants/default/imports", json::serialize(json::object{{"file", file}, {"preview", true}}));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(body_of(answer).at("results").at(0).at("serialNumber"), "T1") << answer.body;
  }
  auto form = request("POST", "/v1/tenants/default/imports?preview=true");
  form.headers.emplace_back("content-type", "multipart/form-data; boundary=\"xyz\"");
  form.body = "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\nContent-Type: text/csv\r\n\r\n" +
              csv + "\r\n--xyz--\r\n";
  const auto answer = service->handle(form);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(body_of(answer).at("results").at(0).at("serialNumber"), "T1");
  EXPECT_TRUE(portal.tokens.empty());
  form.body.resize(form.body.size() - 8);
  EXPECT_EQ(service->handle(form).status, 400);
}

TEST_F(ServiceTest, AJobsEventsComeInOrderAndGoOnWhereTheyWereCutOff) {
  const auto job = std::string(body_of(call("POST", "/v1/tenants/default/tokens", one_token("T1"))).at("id").as_string());
  const auto all = [&](const std::string& last) {
    auto asked = request("GET", "/v1/tenants/default/jobs/" + job + "/events");
    if (!last.empty()) asked.headers.emplace_back("last-event-id", last);
    const auto answer = service->handle(asked);
    EXPECT_EQ(answer.header("content-type"), "text/event-stream");
    std::string text;
    while (auto piece = answer.source->next()) text += *piece;
    return text;
  };
  const auto whole = all("");
  for (const char* event :
       {"event: job.begun", "event: tokens.upload", "event: token.settled", "event: job.ended", "event: end"})
    EXPECT_THAT(whole, HasSubstr(event));
  const auto rest = all("4");
  EXPECT_THAT(rest, Not(HasSubstr("event: token.settled")));
  EXPECT_THAT(rest, HasSubstr("event: job.ended"));
}

TEST_F(ServiceTest, OnlyDocumentedReadsOfThePortalMayBeCalled) {
  const auto refused = call("POST", "/v1/tenants/default/portal/call", R"({"method":"POST","path":"/api/Users"})");
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_EQ(call("POST", "/v1/tenants/default/portal/call", R"({"path":"/api/NoSuchThing"})").status, 403);
  EXPECT_EQ(call("POST", "/v1/tenants/default/portal/call", R"({"path":"/api/AccountSkus?backfillTenants=true"})").status, 200);
}

TEST_F(ServiceTest, WhatThePortalCannotDoIsSaidInWordsOfTheApi) {
  const auto answer = call("POST", "/v1/tenants/default/tokens/T1/assign", R"({"upn":"anna@contoso.com"})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body, Not(HasSubstr("portalkey ")));
  EXPECT_THAT(answer.body, Not(HasSubstr("[[")));
  EXPECT_THAT(answer.body, Not(HasSubstr("--")));
}

}  // namespace
}  // namespace portalkey::service_test
