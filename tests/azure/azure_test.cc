#include "azure/azure.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "azure/graph.h"
#include "tests/hostile_texts.h"
#include "tests/hostile_urls.h"
#include "tests/provision/provision_world.h"

namespace portalkey::azure_test {
namespace {

Reply refusal(int status, std::string_view code, std::string_view message) {
  Reply reply;
  reply.status = status;
  reply.json = {{"error", {{"code", code}, {"message", message}}}};
  return reply;
}

TEST(Explain, EachRefusalHasItsMeaningAndRemedy) {
  const struct {
    int status;
    const char *code, *message;
    Errc errc;
    const char *what, *remedy;
  } rows[] = {
      {403, "AuthorizationFailed", "The client 'a' does not have authorization", Errc::forbidden, "does not have authorization",
       "Role Based Access"},
      {403, "Authorization_RequestDenied", "Insufficient privileges", Errc::forbidden, "in the directory",
       "Application Administrator"},
      {403, "RequestDisallowedByPolicy", "Resource 'x' was disallowed by policy.", Errc::forbidden, "disallowed by policy",
       "exemption"},
      {401, "InvalidAuthenticationTokenTenant", "wrong tenant", Errc::unauthenticated, "another tenant", "[[setting|tenant]]"},
      {409, "VaultAlreadyExists", "taken", Errc::conflict, "in use", "[[setting|vault]]"},
      {409, "ScopeLocked", "The scope is locked", Errc::conflict, "locked", "lock"},
      {404, "SomethingNotFound", "it is not there", Errc::not_found, "it is not there", "again"},
      {500, "", "", Errc::unavailable, "answered 500", "again"},
  };
  for (const auto& row : rows) {
    const auto error = explain(refusal(row.status, row.code, row.message), "make it");
    EXPECT_EQ(error.code, row.errc) << row.code;
    EXPECT_NE(error.what.find(row.what), std::string::npos) << error.what;
    EXPECT_TRUE(error.what.starts_with("cannot make it: ")) << error.what;
    EXPECT_NE(error.remedy.find(row.remedy), std::string::npos) << error.remedy;
  }
}

TEST(Explain, IsCleanWhateverAzureSays) {
  for (const auto& text : hostile_texts()) {
    for (const int status : {400, 401, 403, 404, 409, 429, 500}) {
      for (const auto& code : {text, std::string("AuthorizationFailed"), std::string("ScopeLocked")}) {
        Reply reply = refusal(status, code, text);
        reply.headers.emplace("x-ms-correlation-request-id", text);
        expect_clean(explain(reply, "make it"), text.substr(0, 60));
      }
    }
    expect_clean(grant_command(text, "Key Vault Secrets Officer", text), text.substr(0, 60));
  }
  EXPECT_EQ(grant_command("$(reboot)", "R", "/subscriptions/x y"),
            "az role assignment create --assignee PRINCIPAL --role \"R\" --scope SCOPE");
}

TEST(Graph, ListsFollowTheirPages) {
  ProvisionWorld world;
  world.http
      .answer(200, R"({"value":[{"id":"1"}],"@odata.nextLink":"https://graph.microsoft.com/v1.0/applications?$skiptoken=x"})")
      .answer(200, R"({"value":[{"id":"2"}]})");
  auto items = Graph(world.azure).list("/applications", "look");
  ASSERT_TRUE(items) << items.error().what;
  EXPECT_EQ(items->size(), 2U);
  EXPECT_EQ(world.http.sent[1].url, "https://graph.microsoft.com/v1.0/applications?$skiptoken=x");
  EXPECT_EQ(world.http.sent[0].bearer, "TOKEN for https://graph.microsoft.com");
}

TEST(Call, SomethingThatIsNotJsonIsNoAnswer) {
  ProvisionWorld world;
  world.http.answer(200, "<html>proxy</html>");
  auto reply = Graph(world.azure).call("GET", "/me");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, Errc::unavailable);
}

TEST(Call, ARefusalInAnotherShapeIsNotTheServices) {
  for (const int status : {400, 403, 404, 407, 409, 502}) {
    for (const char* body : {"<html><title>Blocked</title>", "", "no", R"({"Message":"x"})"}) {
      ProvisionWorld world;
      world.http.answer(status, body);
      auto reply = Graph(world.azure).call("GET", "/me");
      ASSERT_TRUE(reply) << body;
      const auto error = explain(*reply, "look");
      EXPECT_EQ(error.code, Errc::unavailable) << status << body;
      EXPECT_TRUE(error.what.starts_with(fmt::format("cannot look: status {} came with ", status))) << error.what;
      EXPECT_NE(error.what.find("not with an answer of Microsoft Graph's"), std::string::npos) << error.what;
    }
  }
}

TEST(Graph, AListIsFollowedOnlyWithinItself) {
  auto links = hostile_urls("graph.microsoft.com", "/v1.0/applications?$skiptoken=x");
  for (const char* other : {"https://graph.microsoft.com/v1.0/users", "https://graph.microsoft.com/beta/applications",
                            "https://management.azure.com/v1.0/applications"}) {
    links.emplace_back(other);
  }
  for (const auto& link : links) {
    ProvisionWorld world;
    world.http.answer(200,
                      boost::json::serialize(boost::json::object{{"value", boost::json::array{}}, {"@odata.nextLink", link}}));
    EXPECT_FALSE(Graph(world.azure).list("/applications", "look")) << link;
    EXPECT_EQ(world.http.sent.size(), 1u) << link;
  }
}

TEST(Graph, AListThatIsTooLongIsAnErrorAndNotCutShort) {
  ProvisionWorld world;
  boost::json::array many;
  for (int i = 0; i < 60'000; ++i) many.emplace_back(i);
  const auto page = [&](int number) {
    return boost::json::serialize(boost::json::object{
        {"value", many},
        {"@odata.nextLink", "https://graph.microsoft.com/v1.0/applications?$skiptoken=" + std::to_string(number)}});
  };
  world.http.answer(200, page(1)).answer(200, page(2));
  EXPECT_FALSE(Graph(world.azure).list("/applications", "look"));
}

}  // namespace
}  // namespace portalkey::azure_test
