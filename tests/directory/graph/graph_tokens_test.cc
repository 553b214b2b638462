#include "directory/graph/graph_tokens.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "directory/graph/graph_batch.h"
#include "entra/credentials/credential.h"
#include "tests/hostile_urls.h"
#include "tests/scripted_http.h"

namespace portalkey::graph_tokens_test {
namespace {

class GivenCredential final : public Credential {
 public:
  Result<Secret> access_token(const std::string& resource, const Deadline&) override {
    EXPECT_EQ(resource, "https://graph.microsoft.com");
    return Secret("AT");
  }
  Result<Secret> answer_challenge(const std::string&, const Secret&, const std::string&, const Deadline&) override {
    return fail(Errc::needs_person, "somebody must sign in");
  }
  std::string description() const override { return "a given one"; }
};

struct World {
  ManualClock clock{from_unix_seconds(1'767'225'600)};
  ScriptedHttp http;
  GivenCredential credential;
  GraphTokens tokens{http, credential, "graph.microsoft.com", clock};
  Deadline deadline() const { return Deadline::in(std::chrono::minutes(5), clock); }
  std::vector<Result<TenantToken>> create(const std::vector<TokenSeed>& seeds) {
    std::vector<const TokenSeed*> all;
    for (const auto& seed : seeds) all.push_back(&seed);
    return tokens.create(all, deadline());
  }
};

TokenSeed seed(std::string serial, std::string upn) {
  TokenSeed token;
  token.serial = std::move(serial);
  token.upn = std::move(upn);
  token.base32 = Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  token.step = 30;
  return token;
}

constexpr const char* kHelga = R"({"value":[{"id":"u1","userPrincipalName":"Helga@contoso.com","userType":"Member"}]})";
constexpr const char* kHoldsNothing = R"({"responses":[{"id":"0","status":200,"body":{"value":[]}}]})";

TEST(GraphTokens, ListFollowsLinksTakesBothShapesAndNamesTheUsers) {
  World world;
  world.http
      .answer(
          200,
          R"({"@odata.nextLink":"https://graph.microsoft.com/beta/directory/authenticationMethodDevices/hardwareOathDevices?$skiptoken=2","value":[
        {"id":"d1","serialNumber":"0012","timeIntervalInSeconds":60,"status":"activated","assignedTo":{"id":"u1"}}]})")
      .answer(200, kHelga)
      .answer(200,
              R"({"value":[{"id":"m2","device":{"id":"d2","serialNumber":"13","status":"available","assignedTo":null}}]})");
  auto listed = world.tokens.list({}, world.deadline());
  ASSERT_TRUE(listed) << listed.error().what;
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].upn, "Helga@contoso.com");
  EXPECT_TRUE((*listed)[0].active);
  EXPECT_EQ((*listed)[1].oath_id, "d2");
  EXPECT_TRUE((*listed)[1].nobodys());
  EXPECT_TRUE(world.http.sent[2].url.ends_with("/hardwareOathDevices?$skiptoken=2"));
  EXPECT_EQ(world.http.sent[0].bearer, "AT");
}

TEST(GraphTokens, CreateAnswersForEachToken) {
  World world;
  world.http.answer(200, kHelga)
      .answer(200, kHoldsNothing)
      .answer(200, R"({"responses":[{"id":"1","status":409,"body":{"error":{"code":"conflict","message":"taken"}}},
        {"id":"0","status":201,"body":{"id":"d1","serialNumber":"1","status":"available","assignedTo":null}}]})");
  const auto results = world.create([] {
    std::vector<TokenSeed> seeds;
    seeds.push_back(seed("1", "helga@contoso.com"));
    seeds.push_back(seed("2", "nobody@contoso.com"));
    seeds.push_back(seed("3", ""));
    return seeds;
  }());
  ASSERT_EQ(results.size(), 3u);
  ASSERT_TRUE(results[0]) << results[0].error().what;
  EXPECT_EQ(results[0]->upn, "Helga@contoso.com");
  EXPECT_EQ(results[1].error().code, Errc::not_found);
  EXPECT_EQ(results[2].error().code, Errc::conflict);
  EXPECT_NE(results[2].error().what.find("taken"), std::string::npos);
  const auto& body = world.http.sent[2].body;
  EXPECT_NE(body.find(R"("assignTo":{"id":"u1"})"), std::string::npos);
  EXPECT_NE(body.find(R"("timeIntervalInSeconds":30)"), std::string::npos);
}

TEST(GraphTokens, WhatIsThrottledWithinABatchIsSentAgainAlone) {
  World world;
  world.http
      .answer(200, R"({"responses":[{"id":"0","status":201,"body":{"id":"d1"}},
        {"id":"1","status":429,"headers":{"Retry-After":"7"},"body":{"error":{"code":"TooManyRequests","message":""}}}]})")
      .answer(200, R"({"responses":[{"id":"1","status":201,"body":{"id":"d2"}}]})");
  const auto before = world.clock.now();
  std::vector<TokenSeed> seeds;
  seeds.push_back(seed("1", ""));
  seeds.push_back(seed("2", ""));
  const auto results = world.create(seeds);
  ASSERT_TRUE(results[0] && results[1]);
  EXPECT_EQ(results[1]->oath_id, "d2");
  EXPECT_EQ(world.clock.now() - before, std::chrono::seconds(7));
  EXPECT_EQ(world.http.sent[1].body.find(R"("serialNumber":"1")"), std::string::npos) << "made twice";
}

TEST(GraphTokens, ALostBatchIsUnavailableForEachOfItsTokens) {
  World world;
  world.http.lose_answer();
  std::vector<TokenSeed> seeds;
  seeds.push_back(seed("1", ""));
  EXPECT_EQ(world.create(seeds)[0].error().code, Errc::unavailable);
}

TEST(GraphTokens, AnAnswerOfAnotherShapeIsNoToken) {
  for (const char* body : {"", "[]", "{}", R"({"responses":7})", R"({"responses":[7,{"id":"9","status":201},{"id":"x"}]})"}) {
    World world;
    world.http.answer(200, body);
    std::vector<TokenSeed> seeds;
    seeds.push_back(seed("1", ""));
    EXPECT_EQ(world.create(seeds)[0].error().code, Errc::unavailable) << body;
  }
}

TEST(GraphTokens, ASerialNumberFromACsvUploadIsExplained) {
  World world;
  world.http.answer(200, kHelga)
      .answer(200, R"({"responses":[{"id":"0","status":200,"body":{"value":[{"id":"m","device":{"serialNumber":"1"}}]}}]})");
  std::vector<TokenSeed> seeds;
  seeds.push_back(seed("1", "helga@contoso.com"));
  const auto results = world.create(seeds);
  EXPECT_EQ(results[0].error().code, Errc::conflict);
  EXPECT_NE(results[0].error().remedy.find("[[setting|backend|portal]]"), std::string::npos);
}

TEST(GraphTokens, RefusalsNameWhatIsMissing) {
  World world;
  world.http.answer(403, R"({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges."}})");
  const auto listed = world.tokens.list({}, world.deadline());
  EXPECT_EQ(listed.error().code, Errc::forbidden);
  EXPECT_NE(listed.error().remedy.find("Policy.ReadWrite.AuthenticationMethod"), std::string::npos);
}

TEST(GraphTokens, A403WithACodeOfItsOwnNamesNoPermission) {
  World world;
  world.http.answer(403, R"({"error":{"code":"Request_UnsupportedLicense","message":"The tenant has no licence. More."}})");
  const auto listed = world.tokens.list({}, world.deadline());
  EXPECT_EQ(listed.error().code, Errc::forbidden);
  EXPECT_NE(listed.error().what.find("and says: The tenant has no licence"), std::string::npos) << listed.error().what;
  EXPECT_EQ(listed.error().remedy.find("Policy.ReadWrite"), std::string::npos) << listed.error().remedy;
}

TEST(GraphTokens, APageOrAnEmptyRefusalIsNotGraphs) {
  for (const int status : {200, 400, 401, 403, 404, 407, 409, 500}) {
    World world;
    world.http.answer(status, "<html><title>Blocked</title>");
    TenantToken token;
    token.oath_id = "d1";
    token.user_id = "u1";
    const auto removed = world.tokens.unassign(token, world.deadline());
    ASSERT_FALSE(removed) << status << ": a page was taken for a success";
    EXPECT_EQ(removed.error().code, Errc::unavailable) << status;
    EXPECT_NE(removed.error().what.find("an HTML page titled \"Blocked\""), std::string::npos) << removed.error().what;
  }
  World world;
  world.http.answer(404, "");
  TenantToken token;
  token.oath_id = "d1";
  EXPECT_FALSE(world.tokens.again(token, world.deadline())) << "an empty 404 was taken for Graph's word that there is none";
}

TEST(GraphTokens, ActivateMakesTheCodeAtTheLastMoment) {
  World world;
  world.http.answer(204, "");
  TenantToken token;
  token.oath_id = "d1";
  token.user_id = "u1";
  EXPECT_TRUE(world.tokens.activate(token, [] { return std::string("012345"); }, world.deadline()));
  EXPECT_EQ(world.http.sent[0].url, "https://graph.microsoft.com/beta/users/u1/authentication/hardwareOathMethods/d1/activate");
  EXPECT_EQ(world.http.sent[0].body, R"({"verificationCode":"012345"})");
}

TEST(GraphTokens, AnAssignmentWhoseAnswerWasLostIsLookedFor) {
  World world;
  world.http.answer(200, kHelga).lose_answer().answer(200, R"({"id":"d1","serialNumber":"1","assignedTo":{"id":"u1"}})");
  TenantToken token;
  token.oath_id = "d1";
  const auto assigned = world.tokens.assign(token, "helga@contoso.com", world.deadline());
  ASSERT_TRUE(assigned) << assigned.error().what;
  EXPECT_EQ(assigned->user_id, "u1");
}

constexpr const char* kDevices = "/beta/directory/authenticationMethodDevices/hardwareOathDevices";

TEST(GraphTokens, AListIsFollowedOnlyWithinItself) {
  auto links = hostile_urls("graph.microsoft.com", std::string(kDevices) + "?$skiptoken=x");
  for (const char* other :
       {"https://graph.microsoft.com/beta/users",
        "https://graph.microsoft.com/v1.0/directory/authenticationMethodDevices/hardwareOathDevices",
        "https://graph.microsoft.com/beta/directory/authenticationMethodDevices/hardwareOathDevices/d1",
        "https://main.iam.ad.ext.azure.com/beta/directory/authenticationMethodDevices/hardwareOathDevices",
        "https://x.vault.azure.net/beta/directory/authenticationMethodDevices/hardwareOathDevices", kDevices}) {
    links.emplace_back(other);
  }
  for (const auto& link : links) {
    World world;
    world.http.answer(200,
                      boost::json::serialize(boost::json::object{{"value", boost::json::array{}}, {"@odata.nextLink", link}}));
    const auto listed = world.tokens.list({}, world.deadline());
    ASSERT_FALSE(listed) << link;
    EXPECT_EQ(listed.error().code, Errc::unavailable) << link;
    EXPECT_EQ(world.http.sent.size(), 1u) << link;
  }
}

TEST(GraphTokens, PagesThatNeverEndDo) {
  class Endless final : public Http {
   public:
    Result<Response> send(const Request&, const Deadline&) override {
      Response response;
      response.status = 200;
      const std::string next = "https://graph.microsoft.com" + std::string(kDevices) + "?$skiptoken=" + std::to_string(++asked);
      response.body = Secret(boost::json::serialize(boost::json::object{{"value", items}, {"@odata.nextLink", next}}));
      return response;
    }
    boost::json::array items;
    int asked = 0;
  };
  World world;
  Endless empty;
  GraphTokens tokens(empty, world.credential, "graph.microsoft.com", world.clock);
  EXPECT_FALSE(tokens.list({}, world.deadline()));
  EXPECT_EQ(empty.asked, 50);

  Endless full;
  for (int i = 0; i < 999; ++i) full.items.push_back(boost::json::object{{"id", "d1"}});
  GraphTokens others(full, world.credential, "graph.microsoft.com", world.clock);
  std::size_t taken = 0;
  const auto done = others.each({}, world.deadline(), [&](const TenantToken&) { ++taken; });
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what.find("does not end"), std::string::npos) << done.error().what;
  EXPECT_LT(taken, 1'600'000u);
}

TEST(GraphTokens, AnIdThatIsNoneEndsTheList) {
  for (const auto& id : hostile_ids()) {
    for (const bool of_user : {false, true}) {
      if (of_user && id.empty()) continue;  // nobody's
      World world;
      boost::json::object item{{"id", of_user ? "d1" : id}};
      if (of_user) item["assignedTo"] = boost::json::object{{"id", id}};
      world.http.answer(200, boost::json::serialize(boost::json::object{{"value", boost::json::array{item}}}));
      const auto listed = world.tokens.list({}, world.deadline());
      ASSERT_FALSE(listed) << id;
      EXPECT_NE(listed.error().what.find("id of a token"), std::string::npos) << listed.error().what;
      EXPECT_EQ(world.http.sent.size(), 1u) << id;
    }
  }
}

TEST(GraphTokens, NothingIsSentForAnIdThatIsNone) {
  for (const auto& id : hostile_ids()) {
    for (const bool of_user : {false, true}) {
      World world;
      TenantToken token;
      token.oath_id = of_user ? "d1" : id;
      token.user_id = of_user ? id : "u1";
      EXPECT_EQ(
          world.tokens.activate(token, [] { return std::string("1"); }, world.deadline()).error().code, Errc::unavailable);
      EXPECT_FALSE(world.tokens.unassign(token, world.deadline())) << id;
      if (!of_user) {
        EXPECT_FALSE(world.tokens.again(token, world.deadline())) << id;
        token.user_id.clear();
        EXPECT_FALSE(world.tokens.remove(token, world.deadline())) << id;
      }
      EXPECT_TRUE(world.http.sent.empty()) << id;
    }
  }
}

TEST(GraphTokens, AUserWhoseIdIsNoneIsNotAskedFor) {
  for (const auto& id : hostile_ids()) {
    World world;
    world.http.answer(
        200, boost::json::serialize(boost::json::object{
                 {"value", boost::json::array{boost::json::object{{"id", id}, {"userPrincipalName", "helga@contoso.com"}}}}}));
    std::vector<TokenSeed> seeds;
    seeds.push_back(seed("1", "helga@contoso.com"));
    EXPECT_EQ(world.create(seeds)[0].error().code, Errc::unavailable) << id;
    EXPECT_EQ(world.http.sent.size(), 1u) << id;
  }
}

TEST(GraphBatch, WhatHasNoAddressIsNotSent) {
  ManualClock clock(WallTime{});
  std::string sent;
  const auto post = [&](const Body& body) -> Result<Response> {
    sent += body.reveal([](std::string_view text) { return std::string(text); });
    return fail(Errc::unavailable, "lost");
  };
  const Url users("https://graph.microsoft.com/beta/users");
  std::vector<BatchItem> items(3);
  items[0].url = users.below({"../x"});
  items[1].url = users.below({"u1"});
  const auto out = send_batch(items, post, clock, Deadline::in(std::chrono::minutes(1), clock));
  EXPECT_EQ(out[0].error().code, Errc::invalid_input);
  EXPECT_EQ(out[1].error().code, Errc::unavailable);
  EXPECT_EQ(out[2].error().code, Errc::invalid_input);
  EXPECT_EQ(sent, R"({"requests":[{"id":"1","method":"GET","url":"/users/u1"}]})");
}

}  // namespace
}  // namespace portalkey::graph_tokens_test
