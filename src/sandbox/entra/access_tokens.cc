#include "sandbox/entra/access_tokens.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/directory_roles.h"
#include "sandbox/world/first_party.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kEveryMember = "b79fbf4d-3ef9-4689-8143-76b194e85509";

json::array wids_of(const SandboxUser& user) {
  json::array wids;
  for (const auto& role : user.roles) {
    const auto* found = std::ranges::find(kDirectoryRoles, role, &DirectoryRole::name);
    if (found != std::end(kDirectoryRoles)) wids.emplace_back(found->template_id);
  }
  wids.emplace_back(kEveryMember);
  return wids;
}

/// `roles`: what was assigned of the resource's app roles. Without any, the claim is absent.
void add_roles(const World& world, std::string_view principal_id, std::string_view resource_app_id, json::object& claims) {
  const auto roles = assigned_roles(world, principal_id, resource_app_id);
  if (!roles.empty()) claims["roles"] = json::value_from(roles);
}

json::object times(const World& world, std::int64_t lifetime) {
  const std::int64_t now = world.clock.seconds();
  return {{"iat", now}, {"nbf", now}, {"exp", now + lifetime}};
}

}  // namespace

std::string pairwise_subject(std::string_view oid, std::string_view audience) {
  return sha256_hex(std::string(oid) + '|' + std::string(audience)).substr(0, 43);
}

std::string v1_issuer(const World& world, const SandboxCloud& cloud) {
  return "https://" + std::string(cloud.v1_issuer_host) + '/' + world.state.tenant_id + '/';
}

std::string v2_issuer(const World& world, const SandboxCloud& cloud) {
  return "https://" + std::string(cloud.authority) + '/' + world.state.tenant_id + "/v2.0";
}

std::int64_t draw_lifetime(World& world) {
  if (world.options.access_token_lifetime) return world.options.access_token_lifetime->count();
  return 3600 + static_cast<std::int64_t>(world.random.below(1801));
}

std::string make_access_token(World& world, const TokenRequest& request) {
  // The API decides its tokens' version, not the endpoint the client used: first-party ones take version 1.
  const bool version1 = request.resource.token_version == 1;
  const std::string aud = version1 ? request.audience : request.resource.app_id;
  json::object claims{{"aud", aud}, {"iss", version1 ? v1_issuer(world, *request.cloud) : v2_issuer(world, *request.cloud)}};
  for (auto& item : times(world, request.lifetime)) claims[item.key()] = item.value();
  // Opaque to everybody: it carries which sign-in the token came from, and whether that was with MFA (version 2 has no `amr`).
  claims["aio"] = "E2Zg" + base64url("s" + std::to_string(request.sequence) + 'n' + std::to_string(request.claims.not_before) +
                                     (request.mfa ? "m" : ""));
  claims["rh"] = "1.AX0A" + opaque(world.random, 24) + '.';
  claims["uti"] = opaque(world.random, 22);
  claims["tid"] = request.tenant.empty() ? world.state.tenant_id : request.tenant;
  claims[version1 ? "appid" : "azp"] = request.client_id;
  claims[version1 ? "appidacr" : "azpacr"] = request.by_certificate ? "2" : request.confidential ? "1" : "0";
  if (request.claims.cp1) claims["xms_cc"] = json::array{"CP1"};
  claims["ver"] = version1 ? "1.0" : "2.0";
  if (const SandboxUser* user = request.user) {
    const auto space = user->display_name.find(' ');
    claims["oid"] = user->oid;
    claims["sub"] = pairwise_subject(user->oid, aud);
    claims["name"] = user->display_name;
    claims["scp"] = request.scope;
    claims["idtyp"] = "user";
    claims["ipaddr"] = "127.0.0.1";
    claims["puid"] = "1003" + sha256_hex(user->oid).substr(0, 12);
    if (version1) {
      claims["acr"] = "1";
      claims["amr"] = request.mfa ? json::array{"pwd", "mfa"} : json::array{"pwd"};
      claims["given_name"] = user->display_name.substr(0, space);
      if (space != std::string::npos) claims["family_name"] = user->display_name.substr(space + 1);
      claims["unique_name"] = user->upn;
      claims["upn"] = user->upn;
    } else {
      claims["preferred_username"] = user->upn;
    }
    claims["wids"] = wids_of(*user);
    add_roles(world, user->oid, request.resource.app_id, claims);
  } else {
    const auto* principal = find_service_principal(world, request.client_id);
    if (principal != nullptr) {
      claims["oid"] = principal->object_id;
      claims["sub"] = principal->object_id;
      add_roles(world, principal->object_id, request.resource.app_id, claims);
    }
    claims["idp"] = v1_issuer(world, *request.cloud);
    claims["idtyp"] = "app";
    if (!request.managed_resource.empty()) claims["xms_mirid"] = request.managed_resource;
  }
  return world.signing.sign(json::serialize(claims), version1);
}

std::string make_id_token(World& world, const TokenRequest& request, bool version1) {
  json::object claims{{"aud", request.client_id},
                      {"iss", version1 ? v1_issuer(world, *request.cloud) : v2_issuer(world, *request.cloud)},
                      {"tid", request.tenant.empty() ? world.state.tenant_id : request.tenant},
                      {"oid", request.user->oid},
                      {"sub", pairwise_subject(request.user->oid, request.client_id)},
                      {"name", request.user->display_name},
                      {"ver", version1 ? "1.0" : "2.0"}};
  for (auto& item : times(world, request.lifetime)) claims[item.key()] = item.value();
  if (version1) {
    claims["upn"] = request.user->upn;
    claims["unique_name"] = request.user->upn;
    claims["amr"] = request.mfa ? json::array{"pwd", "mfa"} : json::array{"pwd"};
  } else {
    claims["preferred_username"] = request.user->upn;
  }
  if (!request.nonce.empty()) claims["nonce"] = request.nonce;
  return world.signing.sign(json::serialize(claims), version1);
}

std::optional<AccessClaims> read_access_token(const World& world, std::string_view token) {
  const auto payload = world.signing.verify(token);
  if (!payload) return std::nullopt;
  const auto in = parse_json_object(*payload);
  if (!in) return std::nullopt;
  const auto text = [&](std::string_view name) { return string_member(*in, name).value_or(""); };
  AccessClaims claims;
  claims.aud = text("aud");
  claims.iss = text("iss");
  claims.tid = text("tid");
  claims.oid = text("oid");
  claims.upn = text("upn");
  claims.scp = text("scp");
  claims.app_id = text("appid");
  if (claims.upn.empty()) claims.upn = text("preferred_username");
  if (claims.app_id.empty()) claims.app_id = text("azp");
  claims.iat = int_member(*in, "iat").value_or(0);
  claims.nbf = int_member(*in, "nbf").value_or(0);
  claims.exp = int_member(*in, "exp").value_or(0);
  if (const auto* amr = member(*in, "amr"); amr != nullptr && amr->is_array()) {
    claims.mfa = std::ranges::any_of(amr->get_array(), [](const auto& item) { return item == "mfa"; });
  }
  if (const auto* roles = member(*in, "roles"); roles != nullptr && roles->is_array()) {
    for (const auto& role : roles->get_array()) {
      if (role.is_string()) claims.roles.emplace_back(view(role.get_string()));
    }
  }
  claims.app_only = text("idtyp") == "app";
  const std::string aio = text("aio");
  if (const auto sequence = decode_base64url(std::string_view(aio).substr(std::min<std::size_t>(4, aio.size())))) {
    const char* const end = sequence->data() + sequence->size();
    claims.mfa = claims.mfa || sequence->ends_with('m');
    if (sequence->starts_with('s')) {
      const auto rest = std::from_chars(sequence->data() + 1, end, claims.sequence);
      if (rest.ptr != end && *rest.ptr == 'n') std::from_chars(rest.ptr + 1, end, claims.asked_not_before);
    }
  }
  return claims;
}

std::optional<std::string_view> bearer_of(const HttpRequest& request) {
  const std::string_view value = request.header("authorization");
  if (value.size() < 8 || !same_ignoring_case(value.substr(0, 7), "Bearer ")) return std::nullopt;
  return trimmed(value.substr(7));
}

}  // namespace portalkey::sandbox
