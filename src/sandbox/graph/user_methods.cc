// /users/{id}/authentication/methods: every way to prove oneself that a user has registered. Version 1.0 does not list hardware
// OATH tokens, beta does.
// Source: learn.microsoft.com/graph/api/{authentication-list-methods,resources/authenticationmethod}.

#include <utility>

#include "sandbox/graph/oath.h"
#include "sandbox/world/user_methods.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kPasswordId = "28c10230-6103-485e-b985-444c60001490";  // the same for everybody
constexpr std::string_view kMobilePhoneId = "3179e48a-750b-4051-897c-87b9720928f7";

json::object of_kind(const GraphCall& call, const SandboxUser& user, std::string_view kind) {
  json::object out{{"@odata.type", "#microsoft.graph." + std::string(kind) + "AuthenticationMethod"},
                   {"id", stable_guid(call.world.options.seed, std::string(kind) + " of " + user.oid)},
                   {"createdDateTime", "2025-01-01T00:00:00Z"}};
  if (kind == "password") {
    out["id"] = kPasswordId;
    out["password"] = nullptr;
  } else if (kind == "phone") {
    out["id"] = kMobilePhoneId;
    out["phoneNumber"] = "+1 2065550100";
    out["phoneType"] = "mobile";
    out["smsSignInState"] = "notAllowedByPolicy";
  } else if (kind == "microsoftAuthenticator") {
    out["displayName"] = "NE2213";
    out["deviceTag"] = "SoftwareTokenActivated";
    out["phoneAppVersion"] = "6.2404.2444";
  } else if (kind == "fido2") {
    out["displayName"] = "Red key";
    out["aaGuid"] = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
    out["model"] = "NFC key";
  } else if (kind == "softwareOath") {
    out["secretKey"] = nullptr;
  } else if (kind == "email") {
    out["emailAddress"] = "somebody@example.com";
  } else if (kind == "windowsHelloForBusiness") {
    out["displayName"] = "LAPTOP-1";
    out["keyStrength"] = "normal";
  }
  return out;
}

}  // namespace

HttpResponse graph_user_methods(GraphCall& call, SandboxUser* user, std::size_t first) {
  if (auto refused = oath_refuses(call, OathRight::read_methods, user)) return *refused;
  if (user == nullptr) return graph_not_found(call, call.path[1]);
  if (call.path.size() > first + 2) return graph_no_segment(call, call.path[first + 2]);
  if (!call.is("GET")) return graph_not_allowed(call);
  std::vector<json::object> items{of_kind(call, *user, "password")};
  for (const auto& kind : user->methods) items.push_back(of_kind(call, *user, kind));
  if (call.version == "beta" && !oath_absent(call, "hardwareOathMethods")) {
    for (const auto sequence : call.world.state.tokens.of_user(lower(user->upn))) {
      auto method = oath_method(call, call.world.state.tokens.all().at(sequence));
      method["@odata.type"] = "#microsoft.graph.hardwareOathAuthenticationMethod";
      items.push_back(std::move(method));
    }
  }
  const std::string context = "users('" + user->oid + "')/authentication/methods";
  return graph_list(call, {context, "authenticationMethod", {}, true}, std::move(items));
}

}  // namespace portalkey::sandbox
