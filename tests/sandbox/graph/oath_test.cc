// Hardware OATH over Graph: devices, methods, who may, and the portal's tokens beside them.
#include "otp/base32.h"
#include "otp/totp.h"
#include "tests/sandbox/graph/fixture.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kBeta = "https://graph.microsoft.com/beta";
constexpr std::string_view kDevices = "/directory/authenticationMethodDevices/hardwareOathDevices";
constexpr std::string_view kSeed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";  // RFC 6238, appendix B
constexpr std::string_view kDeviceRight = "Policy.ReadWrite.AuthenticationMethod";
constexpr std::string_view kMethodRight = "UserAuthenticationMethod.ReadWrite.All";

class GraphOath : public GraphTest {
 protected:
  void SetUp() override {
    GraphTest::SetUp();
    helga = find_user(emulator->world(), kHelga)->oid;
    be({kDeviceRight, kMethodRight});
  }
  /// Calls as the app registration `portalkey`, with these app roles of Graph and no others.
  void be(const std::vector<std::string_view>& rights) {
    auto& state = emulator->world().state;
    state.app_role_assignments.clear();
    for (const auto& one : find_first_party(kGraphAppId)->permissions) {
      if (std::ranges::find(rights, one.value) == rights.end()) continue;
      const std::string id(one.value);
      state.app_role_assignments[id] = {
          id, principal_of(client_id()), "ServicePrincipal", principal_of(kGraphAppId), std::string(one.role_id), 0};
    }
    token = app_token("https://graph.microsoft.com/");
  }
  /// Calls as a user with that directory role (empty: none).
  void be_user(std::string_view role, std::string_view scopes, bool mfa = true, bool guest = false) {
    policy(json::serialize(json::object{{"mfaAtSignIn", mfa}}));
    json::array roles;
    if (!role.empty()) roles.emplace_back(role);
    admin("POST", "/users", json::serialize(json::object{{"upn", "caller@contoso.com"}, {"roles", roles}, {"guest", guest}}));
    policy(R"({"nextApprover":"caller@contoso.com"})");
    const std::string base = std::string(kLogin) + '/' + tenant() + "/oauth2/v2.0/";
    const std::string who = "client_id=" + client_id();
    const auto code = text_at(post_form(base + "devicecode", who + "&scope=" + percent_encode(scopes)), "device_code");
    const auto answer =
        post_form(base + "token", who + "&client_secret=" + percent_encode(client_secret()) +
                                      "&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=" + code);
    ASSERT_EQ(answer.status, 200) << answer.body;
    token = text_at(answer, "access_token");
  }
  HttpResponse beta(std::string_view method, std::string_view path, const json::value& body = nullptr) {
    return send(method, path.starts_with("https:") ? std::string(path) : std::string(kBeta) + std::string(path), bearer(token),
                body.is_null() ? std::string() : json::serialize(body));
  }
  static json::object device(std::string_view serial) {
    return {{"serialNumber", serial},
            {"manufacturer", "Contoso"},
            {"model", "C100"},
            {"secretKey", kSeed},
            {"timeIntervalInSeconds", 30}};
  }
  /// The new device's id.
  std::string made(const json::object& body) {
    const auto answer = beta("POST", kDevices, body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return text(object_of(answer), "id");
  }
  std::string device_path(std::string_view id) { return std::string(kDevices) + '/' + std::string(id); }
  std::string methods(std::string_view rest = {}) {
    return "/users/" + helga + "/authentication/hardwareOathMethods" + std::string(rest);
  }
  int assign(const std::string& id) { return beta("POST", methods(), {{"device", {{"id", id}}}}).status; }
  std::string code(int steps = 0, int interval = 30, Hash hash = Hash::sha1) {
    const std::chrono::seconds step(interval);
    return totp(*decode_base32(kSeed), clock.now() + steps * step, step, 6, hash);
  }
  int activate(const std::string& id, std::string_view with) {
    return beta("POST", methods('/' + id + "/activate"), {{"verificationCode", with}}).status;
  }
  std::string status_of(std::string_view id) { return text(object_of(beta("GET", device_path(id))), "status"); }

  std::string helga;
};

TEST_F(GraphOath, ATokensLife) {
  const auto answer = beta("POST", kDevices, device("A1"));
  ASSERT_EQ(answer.status, 201) << answer.body;
  const auto created = object_of(answer);
  const auto id = text(created, "id");
  EXPECT_TRUE(member(created, "secretKey")->is_null());
  EXPECT_EQ(answer.body.find(kSeed), std::string::npos);
  EXPECT_EQ(status_of(id), "available");
  EXPECT_EQ(activate(id, code()), 404) << "not the user's";
  EXPECT_EQ(assign(id), 201);
  EXPECT_EQ(assign(id), 400) << "twice";
  EXPECT_EQ(status_of(id), "assigned");
  EXPECT_EQ(beta("DELETE", device_path(id)).status, 400) << "assigned";
  EXPECT_EQ(beta("PATCH", device_path(id), {{"model", "x"}}).status, 400) << "assigned";
  EXPECT_EQ(activate(id, "12345"), 400);
  EXPECT_EQ(activate(id, code(2881)), 400) << "more than a day ahead";
  EXPECT_EQ(activate(id, code(-2881)), 400) << "more than a day behind";
  EXPECT_EQ(status_of(id), "failedActivation");
  EXPECT_EQ(activate(id, code(-1)), 204);
  EXPECT_EQ(status_of(id), "activated");
  EXPECT_EQ(activate(id, code()), 204) << "again";
  EXPECT_EQ(beta("POST", methods('/' + id + "/microsoft.graph.deactivate")).status, 204);
  EXPECT_EQ(status_of(id), "assigned");
  EXPECT_EQ(activate(id, code(-1)), 400) << "a code is good once";
  EXPECT_EQ(beta("POST", methods('/' + id + "/microsoft.graph.activate"), {{"verificationCode", code()}}).status, 204);
  EXPECT_EQ(beta("DELETE", methods('/' + id)).status, 204);
  EXPECT_EQ(status_of(id), "available");
  EXPECT_EQ(beta("PATCH", device_path(id), {{"model", "x"}, {"hashFunction", "hmacsha256"}}).status, 200);
  EXPECT_EQ(beta("PATCH", device_path(id), {{"secretKey", kSeed}}).status, 400);
  EXPECT_EQ(beta("DELETE", device_path(id)).status, 204);
  EXPECT_EQ(beta("GET", device_path(id)).status, 404);
}

TEST_F(GraphOath, HashAndIntervalDecideTheCode) {
  auto body = device("B1");
  body["timeIntervalInSeconds"] = "60";
  body["hashFunction"] = "hmacsha256";
  body["assignTo"] = {{"id", helga}};
  const auto id = made(body);
  EXPECT_EQ(activate(id, code(0, 60)), 400) << "SHA-1's";
  EXPECT_EQ(activate(id, code(0, 30, Hash::sha256)), 400) << "of 30 seconds";
  EXPECT_EQ(activate(id, code(0, 60, Hash::sha256)), 204);
}

TEST_F(GraphOath, RefusesWhatIsNoDevice) {
  const auto status = [&](std::string_view name, const json::value& value) {
    auto body = device("C1");
    body[name] = value;
    return beta("POST", kDevices, body).status;
  };
  EXPECT_EQ(status("timeIntervalInSeconds", 45), 400);
  EXPECT_EQ(status("hashFunction", "hmacsha512"), 400);
  EXPECT_EQ(status("secretKey", "not base32!"), 400);
  EXPECT_EQ(status("secretKey", ""), 400);
  EXPECT_EQ(status("model", ""), 400);
  EXPECT_EQ(status("status", "activated"), 400);
  EXPECT_EQ(status("colour", "blue"), 400);
  for (const auto* name : {"serialNumber", "manufacturer", "model", "secretKey", "timeIntervalInSeconds"}) {
    auto body = device("C1");
    body.erase(name);
    EXPECT_EQ(beta("POST", kDevices, body).status, 400) << name;
  }
  auto secret = device("C1");
  secret["secretKey"] = "SECRET1SECRET";
  EXPECT_EQ(beta("POST", kDevices, secret).body.find("SECRET1"), std::string::npos);
  EXPECT_EQ(emulator->world().state.tokens.all().size(), 0u);
  made(device("C1"));
  EXPECT_EQ(beta("POST", kDevices, device("c1")).status, 409);
  policy(R"({"graphDuplicateSerial":400})");
  EXPECT_EQ(beta("POST", kDevices, device("C1")).status, 400);
}

TEST_F(GraphOath, FiveAUserAndNoGuests) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(assign(made(device("D" + std::to_string(i)))), 201);
  const auto id = made(device("D5"));
  EXPECT_EQ(assign(id), 400);
  auto body = device("D6");
  body["assignTo"] = {{"id", helga}};
  EXPECT_EQ(beta("POST", kDevices, body).status, 400);
  const auto guest = find_user(emulator->world(), "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com")->oid;
  EXPECT_EQ(beta("POST", "/users/" + guest + "/authentication/hardwareOathMethods", {{"device", {{"id", id}}}}).status, 400);
  EXPECT_EQ(
      beta("PUT", device_path(id) + "/assignTo/$ref", {{"@odata.id", std::string(kBeta) + "/users/other@contoso.com"}}).status,
      204);
  EXPECT_EQ(status_of(id), "assigned");
}

TEST_F(GraphOath, AssignAndActivateInOne) {
  const auto id = made(device("E1"));
  const auto call_it = [&](std::string_view action, json::object body, const std::string& with) {
    body["verificationCode"] = with;
    return beta("POST", methods('/' + std::string(action)), body).status;
  };
  EXPECT_EQ(call_it("assignAndActivate", {{"device", {{"id", id}}}}, "000000"), 400);
  EXPECT_EQ(status_of(id), "available") << "nothing is done with a wrong code";
  EXPECT_EQ(call_it("assignAndActivate", {{"device", {{"id", id}}}}, code()), 204);
  EXPECT_EQ(status_of(id), "activated");
  made(device("E2"));
  EXPECT_EQ(call_it("microsoft.graph.assignAndActivateBySerialNumber", {{"serialNumber", "E2"}}, code()), 204);
  EXPECT_EQ(call_it("assignAndActivateBySerialNumber", {{"serialNumber", "E3"}}, code()), 404);
  const auto list = object_of(beta("GET", methods()));
  EXPECT_EQ(member(list, "value")->get_array().size(), 2u);
}

TEST_F(GraphOath, BulkTellsWhatEachMet) {
  json::object good = device("F1"), bad = device("F1");
  good["@contentId"] = "1";
  bad["@contentId"] = "2";
  const auto answer = beta("PATCH", kDevices, {{"@context", "#$delta"}, {"value", {good, bad}}});
  EXPECT_EQ(answer.status, 207) << answer.body;
  const auto object = object_of(answer);
  const auto& value = member(object, "value")->get_array();
  EXPECT_EQ(value[0].at("serialNumber"), "F1");
  EXPECT_EQ(value[1].at("@Core.DataModificationException").at("responseCode"), 409);
  EXPECT_EQ(answer.body.find(kSeed), std::string::npos);
  EXPECT_EQ(beta("POST", kDevices, {{"@context", "#$delta"}, {"value", {device("F2")}}}).status, 201);
  EXPECT_EQ(beta("PATCH", kDevices, {{"value", {device("F3")}}}).status, 400);
}

TEST_F(GraphOath, ListsInPagesAndByFilter) {
  for (int i = 0; i < 7; ++i) made(device("G" + std::to_string(i)));
  std::set<std::string> seen;
  std::string url = std::string(kBeta) + std::string(kDevices) + "?$top=3&$select=serialNumber";
  int pages = 0;
  for (; !url.empty() && pages < 9; ++pages) {
    const auto page = object_of(beta("GET", url));
    for (const auto& item : member(page, "value")->get_array()) seen.insert(text(item.get_object(), "serialNumber"));
    url = string_member(page, "@odata.nextLink").value_or("");
  }
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(seen.size(), 7u);
  const auto found = [&](std::string_view filter) {
    const auto answer = beta("GET", std::string(kDevices) + "?$filter=" + percent_encode(filter));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return member(object_of(answer), "value")->get_array().size();
  };
  EXPECT_EQ(found("serialNumber eq 'G3'"), 1u);
  EXPECT_EQ(found("serialNumber eq 'G9'"), 0u);
  EXPECT_EQ(found("status eq 'available' and timeIntervalInSeconds eq 30"), 7u);
  EXPECT_EQ(beta("GET", std::string(kDevices) + "?$filter=displayName%20eq%20'x'").status, 400);
  policy(R"({"graphWrappedDevices":true})");
  const auto wrapped = object_of(beta("GET", std::string(kDevices) + "?$top=1"));
  EXPECT_TRUE(member(wrapped, "value")->get_array().at(0).at("device").is_object());
}

TEST_F(GraphOath, PermissionsOfApps) {
  const auto id = made(device("H1"));
  be({"Policy.Read.All"});
  EXPECT_EQ(beta("GET", kDevices).status, 200);
  EXPECT_EQ(beta("POST", kDevices, device("H2")).status, 403);
  EXPECT_EQ(beta("GET", methods()).status, 403);
  be({kDeviceRight});
  EXPECT_EQ(beta("POST", kDevices, device("H2")).status, 201);
  auto body = device("H3");
  body["assignTo"] = {{"id", helga}};
  EXPECT_EQ(beta("POST", kDevices, body).status, 403) << "assignTo asks for more";
  EXPECT_EQ(assign(id), 403);
  be({"UserAuthenticationMethod.Read.All"});
  EXPECT_EQ(beta("GET", methods()).status, 200);
  EXPECT_EQ(assign(id), 403);
  EXPECT_EQ(beta("GET", kDevices).status, 403);
  be({kMethodRight});
  EXPECT_EQ(assign(id), 201);
}

TEST_F(GraphOath, RolesOfUsers) {
  const auto id = made(device("I1"));
  const std::string all =
      "https://graph.microsoft.com/" + std::string(kDeviceRight) + " https://graph.microsoft.com/" + std::string(kMethodRight);
  be_user("", all);
  EXPECT_EQ(beta("GET", kDevices).status, 403);
  EXPECT_EQ(assign(id), 403);
  be_user("Authentication Policy Administrator", all);
  EXPECT_EQ(beta("POST", kDevices, device("I2")).status, 201);
  EXPECT_EQ(assign(id), 403);
  be_user("Authentication Administrator", all);
  EXPECT_EQ(beta("POST", kDevices, device("I3")).status, 403);
  EXPECT_EQ(assign(id), 201);
  EXPECT_EQ(beta("GET", "/users/admin@contoso.com/authentication/hardwareOathMethods").status, 200);
  EXPECT_EQ(beta("POST", "/users/admin@contoso.com/authentication/hardwareOathMethods", {{"device", {{"id", id}}}}).status, 403)
      << "an administrator's";
  be_user("Global Administrator", all, true, true);
  EXPECT_EQ(beta("GET", kDevices).status, 403) << "a guest";
}

TEST_F(GraphOath, OnesOwnTokensNeedFreshMfa) {
  made(device("J1"));
  const std::string scope = "https://graph.microsoft.com/UserAuthenticationMethod.ReadWrite";
  const std::string path = "/me/authentication/hardwareOathMethods/assignAndActivateBySerialNumber";
  be_user("", scope, false);
  EXPECT_EQ(beta("POST", path, {{"serialNumber", "J1"}, {"verificationCode", code()}}).status, 403);
  be_user("", scope);
  EXPECT_EQ(beta("POST", path, {{"serialNumber", "J1"}, {"verificationCode", code()}}).status, 204);
  EXPECT_EQ(beta("GET", methods()).status, 403) << "another's";
  advance(std::chrono::minutes(11));
  EXPECT_EQ(beta("GET", "/me/authentication/hardwareOathMethods").status, 403);
}

TEST_F(GraphOath, OnlyInBetaAndInTheGlobalCloud) {
  EXPECT_EQ(send("GET", std::string(kGraph) + std::string(kDevices), bearer(token)).status, 400);
  token = app_token("https://graph.microsoft.us");
  const std::string government = "https://graph.microsoft.us/beta" + std::string(kDevices);
  const std::string path =
      "https://graph.microsoft.us/beta/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/";
  EXPECT_EQ(beta("GET", government).status, 400);
  EXPECT_EQ(beta("GET", path + "hardwareOath").status, 200) << "the policy is everywhere";
  policy(R"({"graphOathInGovernment":true})");
  EXPECT_EQ(beta("GET", government).status, 200);
}

TEST_F(GraphOath, MethodPolicy) {
  const std::string path = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/hardwareOath";
  const std::string type = "#microsoft.graph.hardwareOathAuthenticationMethodConfiguration";
  EXPECT_EQ(text(object_of(beta("GET", path)), "state"), "enabled");
  EXPECT_EQ(beta("PATCH", path, {{"@odata.type", type}, {"state", "off"}}).status, 400);
  EXPECT_EQ(beta("PATCH", path, {{"state", "disabled"}}).status, 400);
  EXPECT_EQ(beta("PATCH", path, {{"@odata.type", type}, {"state", "disabled"}}).status, 204);
  EXPECT_EQ(text(object_of(beta("GET", path)), "state"), "disabled");
}

TEST_F(GraphOath, LivesBesideThePortalsTokens) {
  ASSERT_EQ(
      admin("POST", "/tokens", R"({"upn":"Helga@contoso.com","serialNumber":"K1","secretKey":"GEZDGNBVGY3TQOJQ"})").status,
      200);
  const auto id = made(device("K1"));
  EXPECT_EQ(assign(id), 201);
  const auto filtered = object_of(beta("GET", std::string(kDevices) + "?$filter=serialNumber%20eq%20'K1'"));
  ASSERT_EQ(member(filtered, "value")->get_array().size(), 1u);
  const auto both = object_of(beta("GET", methods()));
  ASSERT_EQ(member(both, "value")->get_array().size(), 2u);
  std::string legacy;
  for (const auto& method : member(both, "value")->get_array()) {
    if (method.at("id") != json::value(id)) legacy = text(method.get_object(), "id");
  }
  const auto portal_token = access_token(kPortalApp);
  const auto rows = object_of(portal("GET", "/MultifactorAuthentication/HardwareToken/users", portal_token));
  EXPECT_EQ(member(rows, "items")->get_array().size(), 2u);
  EXPECT_EQ(
      portal("POST", "/MultifactorAuthentication/HardwareToken/remove", portal_token, R"({"oathId":")" + id + "\"}").status,
      400);
  EXPECT_EQ(beta("DELETE", device_path(legacy)).status, 400) << "still assigned";
  EXPECT_EQ(beta("DELETE", methods('/' + legacy)).status, 204);
  EXPECT_EQ(beta("DELETE", device_path(legacy)).status, 204);
  EXPECT_EQ(emulator->world().state.tokens.all().size(), 1u);
}

TEST_F(GraphOath, ARestartForgetsNothing) {
  auto body = device("L1");
  body["hashFunction"] = "hmacsha256";
  body["assignTo"] = {{"id", helga}};
  const auto id = made(body);
  EXPECT_EQ(activate(id, code(0, 30, Hash::sha256)), 204);
  const auto before = object_of(beta("GET", device_path(id)));
  auto again = Emulator::make(usual(), clock, emulator->saved());
  ASSERT_TRUE(again);
  emulator.emplace(std::move(*again));
  EXPECT_EQ(object_of(beta("GET", device_path(id))), before);
  EXPECT_EQ(beta("POST", methods('/' + id + "/deactivate")).status, 204);
  EXPECT_EQ(activate(id, code(0, 30, Hash::sha256)), 400) << "that code was used";
}

TEST_F(GraphOath, BatchesAndLimits) {
  const auto item = [&](std::string_view id, const json::object& body) {
    return json::object{
        {"id", id}, {"method", "POST"}, {"url", kDevices}, {"body", body}, {"headers", {{"Content-Type", "application/json"}}}};
  };
  auto dependent = item("3", device("M3"));
  dependent["dependsOn"] = json::array{"2"};
  auto untyped = item("4", device("M4"));
  untyped.erase("headers");
  const auto send_batch = [&] {
    const auto answer =
        beta("POST", "/$batch", {{"requests", {item("1", device("M1")), item("2", device("M1")), dependent, untyped}}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::map<std::string, std::int64_t> out;
    const auto object = object_of(answer);
    for (const auto& one : member(object, "responses")->get_array()) {
      out[text(one.get_object(), "id")] = one.at("status").to_number<std::int64_t>();
    }
    return out;
  };
  EXPECT_EQ(send_batch(), (std::map<std::string, std::int64_t>{{"1", 201}, {"2", 409}, {"3", 424}, {"4", 400}}));
  admin("POST", "/faults", R"({"host":"graph","path":"hardwareOathDevices","kind":"429","times":1})");
  EXPECT_EQ(send_batch().at("1"), 429) << "faults reach into batches";

  const auto paths = [&] { return beta("GET", std::string(kDevices) + "?$top=1"); };
  HttpResponse answer;
  for (int i = 0; i < 3600 && (answer = paths()).status == 200;) ++i;
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.header("retry-after"), "10");
  advance(std::chrono::seconds(10));
  EXPECT_EQ(paths().status, 200);
  for (int i = 0; i < 200; ++i) emulator->world().activations.count(emulator->world().clock.milliseconds());
  const auto id = made(device("M9"));
  EXPECT_EQ(assign(id), 201);
  EXPECT_EQ(activate(id, code()), 429) << "200 activations in 5 minutes";
}

TEST_F(GraphOath, AfterTheIntervalChangedACodeIsNewAgain) {
  const auto made = beta("POST", kDevices, device("change"));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = text_at(made, "id");
  const auto methods = "/users/" + helga + "/authentication/hardwareOathMethods";
  const auto code = [&](int step) { return totp(*decode_base32(kSeed), clock.now(), std::chrono::seconds(step)); };
  ASSERT_EQ(beta("POST", methods, {{"device", {{"id", id}}}}).status, 201);
  ASSERT_EQ(beta("POST", methods + "/" + id + "/activate", {{"verificationCode", code(30)}}).status, 204);
  ASSERT_EQ(beta("DELETE", methods + "/" + id).status, 204);
  const auto changed = beta("PATCH", device_path(id), {{"timeIntervalInSeconds", 60}});
  ASSERT_EQ(changed.status, 200) << changed.body;
  ASSERT_EQ(beta("POST", methods, {{"device", {{"id", id}}}}).status, 201);
  const auto again = beta("POST", methods + "/" + id + "/activate", {{"verificationCode", code(60)}});
  EXPECT_EQ(again.status, 204) << again.body;
}

}  // namespace
}  // namespace portalkey::sandbox
