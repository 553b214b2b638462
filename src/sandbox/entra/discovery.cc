#include "sandbox/entra/access_tokens.h"
#include "sandbox/entra/call.h"
#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

HttpResponse discovery_document(EntraCall& call) {
  const SandboxCloud& cloud = call.cloud;
  // Asked without a tenant, the document is a template; asked by domain name, it tells the tenant's id.
  const std::string tenant = call.any_tenant() ? call.tenant : call.world.state.tenant_id;
  const std::string in_issuer = call.any_tenant() ? std::string("{tenantid}") : call.world.state.tenant_id;
  const std::string base = "https://" + std::string(cloud.authority) + '/' + tenant;
  const std::string version = call.version1 ? "" : "/v2.0";
  const std::string issuer = call.version1 ? "https://" + std::string(cloud.v1_issuer_host) + '/' + in_issuer + '/'
                                           : "https://" + std::string(cloud.authority) + '/' + in_issuer + "/v2.0";
  auto answer = json_answer(
      200,
      {{"token_endpoint", base + "/oauth2" + version + "/token"},
       {"token_endpoint_auth_methods_supported", {"client_secret_post", "private_key_jwt", "client_secret_basic"}},
       {"jwks_uri",
        call.version1 ? "https://" + std::string(cloud.authority) + "/common/discovery/keys" : base + "/discovery/v2.0/keys"},
       {"response_modes_supported", {"query", "fragment", "form_post"}},
       {"subject_types_supported", json::array{"pairwise"}},
       {"id_token_signing_alg_values_supported", json::array{"RS256"}},
       {"response_types_supported", {"code", "id_token", "code id_token", "id_token token"}},
       {"scopes_supported", {"openid", "profile", "email", "offline_access"}},
       {"issuer", issuer},
       {"request_uri_parameter_supported", false},
       {"userinfo_endpoint", "https://" + std::string(cloud.graph_host) + "/oidc/userinfo"},
       {"authorization_endpoint", base + "/oauth2" + version + "/authorize"},
       {"device_authorization_endpoint", base + "/oauth2" + version + "/devicecode"},
       {"http_logout_supported", true},
       {"frontchannel_logout_supported", true},
       {"end_session_endpoint", base + "/oauth2" + version + "/logout"},
       {"claims_supported",
        {"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host", "aud", "exp",
         "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email"}},
       {"kerberos_endpoint", base + "/kerberos"},
       {"tenant_region_scope", call.any_tenant() ? json::value(nullptr) : json::value("EU")},
       {"cloud_instance_name", cloud.instance_name},
       {"cloud_graph_host_name", "graph.windows.net"},
       {"msgraph_host", cloud.graph_host},
       {"rbac_url", "https://pas.windows.net"}});
  answer.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return answer;
}

HttpResponse key_set(EntraCall& call) {
  const auto& signing = call.world.signing;
  json::object key{{"kty", "RSA"},
                   {"use", "sig"},
                   {"kid", signing.kid()},
                   {"x5t", signing.kid()},
                   {"n", signing.modulus()},
                   {"e", "AQAB"},
                   {"x5c", json::array{signing.x5c()}},
                   {"cloud_instance_name", call.cloud.instance_name}};
  if (!call.version1) {
    key["issuer"] = call.any_tenant() ? "https://" + std::string(call.cloud.authority) + "/{tenantid}/v2.0"
                                      : v2_issuer(call.world, call.cloud);
  }
  return json_answer(200, {{"keys", json::array{std::move(key)}}});
}

}  // namespace portalkey::sandbox
