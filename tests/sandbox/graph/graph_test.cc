// The door: tokens, errors, lists, batches, who may do what.
#include "sandbox/wire/certificates.h"
#include "tests/sandbox/graph/fixture.h"

namespace portalkey::sandbox {
namespace {

class Graph : public GraphTest {};

TEST_F(Graph, RefusesTokensByCause) {
  const auto why = [&](std::string_view url, const TextPairs& headers) {
    const auto answer = send("GET", url, headers);
    EXPECT_EQ(answer.status, 401) << answer.body;
    EXPECT_EQ(code_of(answer), "InvalidAuthenticationToken");
    EXPECT_NE(answer.header("www-authenticate").find("Bearer realm=\"\""), std::string::npos);
    const auto object = object_of(answer);
    return text(member(object, "error")->get_object(), "message");
  };
  const std::string url = std::string(kGraph) + "/me";
  EXPECT_EQ(why(url, {}), "Access token is empty.");
  EXPECT_NE(why(url, bearer("x.y.z")).find("not well formed"), std::string::npos);
  EXPECT_NE(why(url, bearer(access_token("https://vault.azure.net"))).find("Invalid audience"), std::string::npos);
  EXPECT_NE(why("https://graph.microsoft.us/v1.0/me", bearer(token)).find("Invalid audience"), std::string::npos)
      << "another cloud's";
  advance(std::chrono::hours(3));
  EXPECT_EQ(why(url, bearer(token)), "Lifetime validation failed, the token is expired.");
}

TEST_F(Graph, TakesEverySpellingOfItsAudience) {
  for (const auto* resource :
       {"00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com", "https://graph.microsoft.com/"}) {
    token = access_token(resource, kAdminAccount);
    EXPECT_EQ(text(get("/me"), "userPrincipalName"), kAdminAccount) << resource;
  }
  for (const std::string host : {"graph.microsoft.us", "dod-graph.microsoft.us", "microsoftgraph.chinacloudapi.cn"}) {
    const auto answer = send("GET", "https://" + host + "/v1.0/me", bearer(access_token("https://" + host, kAdminAccount)));
    EXPECT_EQ(answer.status, 200) << host << answer.body;
    EXPECT_EQ(text(object_of(answer), "@odata.context"), "https://" + host + "/v1.0/$metadata#users/$entity");
  }
}

TEST_F(Graph, RevokedSignInIsChallenged) {
  admin("POST", "/revoke", R"({"upn":"admin@contoso.com"})");
  const auto answer = call("GET", "/me");
  EXPECT_EQ(answer.status, 401);
  EXPECT_NE(answer.header("www-authenticate").find("error=\"insufficient_claims\", claims=\""), std::string::npos);
}

TEST_F(Graph, ErrorsHaveGraphsShape) {
  const auto answer = call("GET", "/applications/11111111-1111-4111-8111-111111111111", {},
                           {{"client-request-id", "22222222-2222-4222-8222-222222222222"}});
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(code_of(answer), "Request_ResourceNotFound");
  const auto object = object_of(answer);
  const auto& inner = member(object, "error")->at("innerError").get_object();
  EXPECT_EQ(text(inner, "date"), "2026-01-01T00:00:00");
  EXPECT_EQ(text(inner, "request-id"), answer.header("request-id"));
  EXPECT_EQ(text(inner, "client-request-id"), "22222222-2222-4222-8222-222222222222");
  EXPECT_EQ(call("GET", "/planets").status, 400);
  EXPECT_EQ(send("GET", "https://graph.microsoft.com/v2.0/me", bearer(token)).status, 400);
}

TEST_F(Graph, ListsArePagedFilteredAndSelected) {
  for (int i = 0; i < 5; ++i) create_app("numbered " + std::to_string(i));
  std::set<std::string> seen;
  std::string url = std::string(kGraph) +
                    "/applications?$filter=startswith(displayName,'numbered')&$select=id,displayName&$top=2&$count=true";
  int pages = 0;
  while (!url.empty()) {
    const auto page = object_of(send("GET", url, bearer(token)));
    ++pages;
    EXPECT_EQ(int_member(page, "@odata.count"), pages == 1 ? 5 : 5);
    EXPECT_EQ(text(page, "@odata.context"), std::string(kGraph) + "/$metadata#applications(id,displayName)");
    for (const auto& item : member(page, "value")->get_array()) {
      EXPECT_EQ(item.get_object().size(), 2u);
      seen.insert(text(item.get_object(), "displayName"));
    }
    url = string_member(page, "@odata.nextLink").value_or("");
    ASSERT_LT(pages, 9);
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(Graph, RefusesQueriesItDoesNotTake) {
  struct Row {
    std::string_view query, code;
  };
  const Row rows[] = {
      {"$filter=nonsense", "BadRequest"},
      {"$filter=colour%20eq%20'x'", "BadRequest"},
      {"$select=id,colour", "BadRequest"},
      {"$top=0", "Request_UnsupportedQuery"},
      {"$top=1000", "Request_UnsupportedQuery"},
      {"$filter=displayName%20ne%20'x'", "Request_UnsupportedQuery"},
      {"$search=\"displayName:port\"", "Request_UnsupportedQuery"},
      {"$skiptoken=***", "Directory_ExpiredPageToken"},
  };
  for (const auto& row : rows) {
    const auto answer = call("GET", "/applications?" + std::string(row.query));
    EXPECT_EQ(answer.status, 400) << row.query;
    EXPECT_EQ(code_of(answer), row.code) << row.query;
  }
  const TextPairs eventual{{"consistencylevel", "eventual"}};
  EXPECT_EQ(call("GET", "/applications?$filter=displayName%20ne%20'x'&$count=true", {}, eventual).status, 200);
  const auto found = object_of(call("GET", "/applications?$search=\"displayName:ORTALK\"", {}, eventual));
  EXPECT_EQ(member(found, "value")->get_array().size(), 1u);
}

TEST_F(Graph, BatchAnswersEachRequest) {
  const auto answer = call("POST", "/$batch", R"({"requests":[
      {"id":"1","method":"GET","url":"/me?$select=id,userPrincipalName"},
      {"id":"2","method":"POST","url":"/applications","body":{"displayName":"batched"},"headers":{"Content-Type":"application/json"}},
      {"id":"3","method":"GET","url":"/users/nobody@contoso.com"}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto object = object_of(answer);
  const auto& responses = member(object, "responses")->get_array();
  ASSERT_EQ(responses.size(), 3u);
  EXPECT_EQ(responses[0].at("body").at("userPrincipalName"), json::value(kAdminAccount));
  EXPECT_EQ(responses[1].at("status"), 201);
  EXPECT_EQ(responses[2].at("status"), 404);
  EXPECT_EQ(list("/applications?$filter=displayName%20eq%20'batched'").size(), 1u);
  EXPECT_EQ(call("POST", "/$batch", R"({"requests":[]})").status, 400);
}

TEST_F(Graph, RightsOfUsers) {
  const auto app = create_app("administrator's");
  const auto path = "/applications/" + text(app, "id");
  const std::string rename = R"({"displayName":"renamed"})";
  struct Row {
    std::string_view upn, role;
    int read, create, write;
  };
  const Row rows[] = {
      {"helpdesk@contoso.com", "", 200, 201, 403},
      {"helpdesk@contoso.com", "Cloud Application Administrator", 200, 201, 204},
      {"helpdesk@contoso.com", "Application Administrator", 200, 201, 204},
      {"helpdesk@contoso.com", "Global Reader", 200, 201, 403},
      {"anna_fabrikam.com#EXT#@contoso.onmicrosoft.com", "", 403, 403, 403},
  };
  for (const auto& row : rows) {
    make_user(emulator->world().state, emulator->world().options, row.upn).roles = {std::string(row.role)};
    token = access_token("https://graph.microsoft.com/", row.upn);
    EXPECT_EQ(call("GET", path).status, row.read) << row.upn << row.role;
    EXPECT_EQ(call("POST", "/applications", R"({"displayName":"x"})").status, row.create) << row.upn << row.role;
    const auto write = call("PATCH", path, rename);
    EXPECT_EQ(write.status, row.write) << row.upn << row.role;
    if (row.write == 403) {
      EXPECT_EQ(code_of(write), "Authorization_RequestDenied");
    }
  }
}

TEST_F(Graph, MembersLookAfterTheirOwnApps) {
  token = access_token("https://graph.microsoft.com/", "helpdesk@contoso.com");
  const auto app = create_app("mine");
  EXPECT_EQ(call("PATCH", "/applications/" + text(app, "id"), R"({"displayName":"still mine"})").status, 204);
  EXPECT_EQ(list("/applications/" + text(app, "id") + "/owners").size(), 1u);
  EXPECT_EQ(list("/me/ownedObjects").size(), 1u);
  create_principal(app);
}

TEST_F(Graph, RightsOfApps) {
  const auto path = "/applications/" + text(create_app("somebody's"), "id");
  token = app_token("https://graph.microsoft.com/");
  EXPECT_EQ(call("GET", "/applications").status, 403) << "an app without permissions";
  EXPECT_EQ(call("GET", "/me").status, 400);
  be_the_app("Application.Read.All");
  EXPECT_EQ(claims_of(token).at("roles"), json::array{"Application.Read.All"});
  EXPECT_EQ(call("GET", path).status, 200);
  EXPECT_EQ(call("PATCH", path, R"({"displayName":"x"})").status, 403);
  be_the_app("Application.ReadWrite.OwnedBy");
  EXPECT_EQ(call("PATCH", path, R"({"displayName":"x"})").status, 403);
  const auto own = create_app("the app's");
  EXPECT_EQ(call("PATCH", "/applications/" + text(own, "id"), R"({"displayName":"x"})").status, 204);
  be_the_app("Application.ReadWrite.All");
  EXPECT_EQ(call("PATCH", path, R"({"displayName":"x"})").status, 204);
  EXPECT_EQ(call("GET", "/users").status, 403);
}

TEST_F(Graph, FaultsHaveItsShape) {
  admin("POST", "/faults", R"({"host":"graph","kind":"429","retryAfter":7,"times":1})");
  const auto answer = call("GET", "/me");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "7");
  EXPECT_EQ(code_of(answer), "TooManyRequests");
  EXPECT_EQ(call("GET", "/me").status, 200);
  const auto journal = admin("GET", "/requests");
  EXPECT_NE(journal.body.find("\"graph\":2"), std::string::npos) << journal.body;
}

TEST_F(Graph, GrantsSurviveARestart) {
  const auto app = create_app("kept");
  const auto principal = create_principal(app);
  const auto graph = principal_of(kGraphAppId);
  create(
      "/servicePrincipals/" + graph + "/appRoleAssignedTo",
      {{"principalId", text(principal, "id")}, {"resourceId", graph}, {"appRoleId", "df021288-bdef-4463-88db-98f22de89214"}});
  create(
      "/oauth2PermissionGrants",
      {{"clientId", text(principal, "id")}, {"consentType", "AllPrincipals"}, {"resourceId", graph}, {"scope", "User.Read"}});
  const auto saved = emulator->saved();
  auto again = Emulator::make(usual(), clock, saved);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->world().state.app_role_assignments.size(), 1u);
  EXPECT_EQ(again->world().state.permission_grants.begin()->second.scope, "User.Read");
  EXPECT_EQ(assigned_roles(again->world(), text(principal, "id"), kGraphAppId), std::vector<std::string>{"User.Read.All"});
}

TEST_F(Graph, MoreThanFifteenAlternativesAreRefused) {
  const auto in = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += std::string(i == 0 ? "" : ",") + "'u" + std::to_string(i) + "@contoso.com'";
    return "/users?$filter=" + percent_encode("userPrincipalName in (" + list + ")");
  };
  EXPECT_EQ(call("GET", in(15)).status, 200);
  const auto refused = call("GET", in(16));
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("'OR' operators: 16. Max allowed: 15."), std::string::npos) << refused.body;
  std::string either = "displayName eq 'x'";
  for (int i = 0; i < 15; ++i) either += " or displayName eq 'y'";
  EXPECT_EQ(call("GET", "/users?$filter=" + percent_encode(either)).status, 400);
}

TEST_F(Graph, CollectionsAreCounted) {
  EXPECT_EQ(call("GET", "/users/$count").status, 400) << "only with ConsistencyLevel: eventual";
  const auto counted = call("GET", "/users/$count", {}, {{"consistencylevel", "eventual"}});
  EXPECT_EQ(counted.status, 200) << counted.body;
  EXPECT_EQ(counted.header("content-type"), "text/plain");
  EXPECT_EQ(counted.body, std::to_string(list("/users?$top=999").size()));
  EXPECT_EQ(call("GET", "/me/$count", {}, {{"consistencylevel", "eventual"}}).status, 400);
}

}  // namespace
}  // namespace portalkey::sandbox
