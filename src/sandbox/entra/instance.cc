// What clients ask before they sign anybody in: which authorities there are, and what kind of account somebody has.

#include <algorithm>

#include "base/percent_encoding.h"
#include "sandbox/entra/call.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {
namespace {

// As Entra lists them, those included that the sandbox does not emulate.
struct Instance {
  std::string_view preferred_network, preferred_cache;
  std::initializer_list<std::string_view> aliases;
};
const Instance kInstances[] = {
    {"login.microsoftonline.com",
     "login.windows.net",
     {"login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"}},
    {"login.partner.microsoftonline.cn",
     "login.partner.microsoftonline.cn",
     {"login.partner.microsoftonline.cn", "login.chinacloudapi.cn"}},
    {"login.microsoftonline.de", "login.microsoftonline.de", {"login.microsoftonline.de"}},
    {"login.microsoftonline.us", "login.microsoftonline.us", {"login.microsoftonline.us", "login.usgovcloudapi.net"}},
    {"login-us.microsoftonline.com", "login-us.microsoftonline.com", {"login-us.microsoftonline.com"}},
};

bool is_known_instance(std::string_view host) {
  return route_of(host).service == Service::login || std::ranges::any_of(kInstances, [&](const Instance& one) {
           return std::ranges::find(one.aliases, host) != one.aliases.end();
         });
}

}  // namespace

HttpResponse instance_discovery(World& world, const HttpRequest& request, const SandboxCloud& cloud) {
  const std::string_view version = request.parameter("api-version").value_or("1.1");
  std::string authority = "https://" + std::string(cloud.authority);
  std::string tenant = "common";
  bool version1 = false;
  if (const auto endpoint = request.parameter("authorization_endpoint"); endpoint && !endpoint->empty()) {
    HttpRequest asked;
    set_target(asked, *endpoint);
    std::string_view host = endpoint->starts_with("https://") ? endpoint->substr(8) : std::string_view();
    host = host.substr(0, host.find_first_of("/?"));
    const std::string name = lower(host.substr(0, host.find(':')));
    const auto slash = asked.path.find('/', 1);
    if (!is_known_instance(name) || asked.path.size() < 2 || slash == std::string::npos) {
      return entra_error(world, request, cloud, 50049);
    }
    authority = "https://" + lower(host);
    tenant = asked.path.substr(1, slash - 1);
    version1 = lower(asked.path.substr(slash)) == "/oauth2/authorize";
  }
  json::object body{{"tenant_discovery_endpoint",
                     authority + '/' + tenant + (version1 ? "" : "/v2.0") + "/.well-known/openid-configuration"}};
  if (version != "1.0") {
    json::array metadata;
    for (const auto& one : kInstances) {
      json::array aliases;
      for (const auto alias : one.aliases) aliases.emplace_back(alias);
      metadata.push_back({{"preferred_network", one.preferred_network},
                          {"preferred_cache", one.preferred_cache},
                          {"aliases", std::move(aliases)}});
    }
    body["api-version"] = "1.1";
    body["metadata"] = std::move(metadata);
  }
  auto answer = json_answer(200, body);
  answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
  add_entra_headers(world, request, answer);
  return answer;
}

HttpResponse user_realm(EntraCall& call, std::string_view upn) {
  const auto at = upn.rfind('@');
  const std::string domain = at == std::string_view::npos ? std::string() : lower(upn.substr(at + 1));
  if (domain.empty()) return call.error(90013, call.details());
  const bool ours = domain == kDomain || domain == kInitialDomain;
  json::object body{{"ver", "1.0"}, {"account_type", ours ? "Managed" : "Unknown"}};
  if (ours) body["domain_name"] = domain;
  body["cloud_instance_name"] = call.cloud.instance_name;
  body["cloud_audience_urn"] = "urn:federation:MicrosoftOnline";
  return json_answer(200, body);
}

}  // namespace portalkey::sandbox
