#pragma once
// Calls of the sandbox's Resource Manager by the subscription's owner, or by whose token is set.

#include "sandbox/world/rbac.h"
#include "tests/sandbox/sandbox_fixture.h"

namespace portalkey::sandbox {

inline constexpr std::string_view kArm = "https://management.azure.com";
inline constexpr std::string_view kOfficerRole = "b86a8fe4-44ce-4948-aee5-db3ddbd7f8d5";

class ArmTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    token = access_token("https://management.azure.com/");
  }
  /// Begins anew with a subscription in which nothing is.
  void start_empty(SandboxOptions options = usual()) {
    static const std::string fresh = [] {
      SandboxOptions empty;
      empty.empty_subscription = true;
      const SystemClock real;
      auto made = Emulator::make(empty, real, {});
      return made ? made->saved() : std::string();
    }();
    options.empty_subscription = true;
    auto made = Emulator::make(std::move(options), clock, fresh);
    ASSERT_TRUE(made) << made.error().what;
    emulator.emplace(std::move(*made));
    token = access_token("https://management.azure.com/");
  }
  HttpResponse call(std::string_view method, std::string path, std::string body = {}, std::string_view version = {}) {
    if (version.empty()) {
      const auto low = lower(path);
      version = low.find("microsoft.authorization") != std::string::npos ? "2022-04-01"
                : low.find("microsoft.keyvault/") != std::string::npos   ? "2023-07-01"
                                                                         : "2021-04-01";
    }
    path += (path.find('?') == std::string::npos ? "?" : "&") + std::string("api-version=") + std::string(version);
    return send(method, std::string(kArm) + path, bearer(token), std::move(body));
  }
  HttpResponse get(std::string path, std::string_view version = {}) { return call("GET", std::move(path), {}, version); }
  /// Follows a Location header.
  HttpResponse follow(const HttpResponse& answer) { return send("GET", answer.header("location"), bearer(token)); }
  HttpResponse follow(const HttpResponse& answer, std::string_view header) {
    return send("GET", answer.header(header), bearer(token));
  }

  std::string sub() { return "/subscriptions/" + emulator->world().state.subscription_id; }
  std::string group(std::string_view name = "contoso-rg") { return sub() + "/resourceGroups/" + std::string(name); }
  std::string vault(std::string_view name, std::string_view in = "contoso-rg") {
    return group(in) + "/providers/Microsoft.KeyVault/vaults/" + std::string(name);
  }
  /// A vault's body with these members of `properties` besides the required ones.
  std::string vault_body(std::string_view more = {}) {
    return R"({"location":"westeurope","properties":{"tenantId":")" + tenant() +
           R"(","sku":{"family":"A","name":"standard"},"accessPolicies":[])" + (more.empty() ? "" : "," + std::string(more)) +
           "}}";
  }
  std::string assignment_body(std::string_view principal, std::string_view role = kOfficerRole, std::string_view type = {}) {
    return R"({"properties":{"roleDefinitionId":")" + sub() + "/providers/Microsoft.Authorization/roleDefinitions/" +
           std::string(role) + R"(","principalId":")" + std::string(principal) + '"' +
           (type.empty() ? "" : R"(,"principalType":")" + std::string(type) + '"') + "}}";
  }
  std::string app_oid() { return find_service_principal(emulator->world(), client_id())->object_id; }

  std::string token;
};

/// `error.code`
inline std::string code_of(const HttpResponse& answer) { return vault_code_of(answer); }

/// The value at `properties.provisioningState`, or another path with dots.
inline json::value at(const HttpResponse& answer, std::string_view path) {
  json::value value = object_of(answer);
  while (!path.empty()) {
    const auto dot = path.find('.');
    const auto* next = value.is_object() ? member(value.get_object(), path.substr(0, dot)) : nullptr;
    if (next == nullptr) return nullptr;
    json::value copy = *next;
    value = std::move(copy);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return value;
}
inline std::size_t count_of(const HttpResponse& answer) {
  const auto value = at(answer, "value");
  return value.is_array() ? value.get_array().size() : 9999;
}

}  // namespace portalkey::sandbox
