#pragma once
// A sandbox, and callers of its Graph.

#include "sandbox/world/first_party.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {

inline constexpr std::string_view kGraph = "https://graph.microsoft.com/v1.0";

class GraphTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    token = access_token("https://graph.microsoft.com/", kAdminAccount);
  }
  HttpResponse call(std::string_view method, std::string_view path, std::string body = {}, TextPairs more = {}) {
    TextPairs headers = bearer(token);
    headers.insert(headers.end(), more.begin(), more.end());
    if (!body.empty()) headers.emplace_back("content-type", "application/json");
    return send(method, std::string(kGraph) + std::string(path), std::move(headers), std::move(body));
  }
  json::object get(std::string_view path) {
    const auto answer = call("GET", path);
    EXPECT_EQ(answer.status, 200) << path << ' ' << answer.body;
    return object_of(answer);
  }
  /// The `value` of a list.
  json::array list(std::string_view path) {
    const auto object = get(path);
    const auto* value = member(object, "value");
    return value != nullptr && value->is_array() ? value->get_array() : json::array();
  }
  json::object create(std::string_view path, const json::value& body) {
    const auto answer = call("POST", path, json::serialize(body));
    EXPECT_EQ(answer.status, 201) << path << ' ' << answer.body;
    return object_of(answer);
  }
  json::object create_app(std::string_view name) { return create("/applications", {{"displayName", name}}); }
  json::object create_principal(const json::object& app) {
    return create("/servicePrincipals", {{"appId", text(app, "appId")}});
  }
  static std::string text(const json::object& object, std::string_view name) {
    return string_member(object, name).value_or("(no " + std::string(name) + ")");
  }
  /// `error.code`.
  static std::string code_of(const HttpResponse& answer) {
    const auto object = object_of(answer);
    const auto* error = member(object, "error");
    return error != nullptr && error->is_object() ? text(error->get_object(), "code") : std::string();
  }
  std::string principal_of(std::string_view client_id) {
    return find_service_principal(emulator->world(), client_id)->object_id;
  }
  /// Gives the app registration `portalkey` an app role of Graph, and calls as it from now on.
  void be_the_app(std::string_view role) {
    auto& state = emulator->world().state;
    for (const auto& one : find_first_party(kGraphAppId)->permissions) {
      if (one.value != role) continue;
      state.app_role_assignments["given"] = {
          "given", principal_of(client_id()), "ServicePrincipal", principal_of(kGraphAppId), std::string(one.role_id), 0};
    }
    token = app_token("https://graph.microsoft.com/");
  }

  std::string token;
};

/// A self-signed certificate, base64 of its DER, and what its key signs.
struct TestCertificate {
  TestCertificate();
  ~TestCertificate();
  std::string certificate;
  /// A JWT, RS256.
  std::string sign(const json::object& claims) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace portalkey::sandbox
