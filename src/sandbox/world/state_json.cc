#include "sandbox/world/state_json.h"

#include <utility>

#include "sandbox/wire/json.h"
#include "sandbox/wire/json_fields.h"
#include "sandbox/world/arm_state_json.h"
#include "sandbox/world/error_texts.h"

namespace portalkey::sandbox {
namespace {

constexpr int kFormat = 2;

json::value user_json(const SandboxUser& user) {
  json::array roles;
  for (const auto& role : user.roles) roles.emplace_back(role);
  return {{"upn", user.upn},
          {"oid", user.oid},
          {"displayName", user.display_name},
          {"roles", std::move(roles)},
          {"guest", user.guest},
          {"disabled", user.disabled},
          {"deleted", user.deleted},
          {"revokedThrough", user.revoked_through},
          {"revokedAt", user.revoked_at},
          {"methods", json::value_from(user.methods)}};
}

json::value group_json(const SandboxGroup& group) {
  return {{"id", group.id}, {"displayName", group.display_name}, {"members", json::value_from(group.members)}};
}

json::array passwords_json(const std::vector<PasswordCredential>& list) {
  json::array out;
  for (const auto& one : list) {
    out.push_back({{"keyId", one.key_id},
                   {"displayName", one.display_name},
                   {"secret", one.secret},
                   {"start", one.start},
                   {"end", one.end},
                   {"created", one.created}});
  }
  return out;
}

json::array keys_json(const std::vector<KeyCredential>& list) {
  json::array out;
  for (const auto& one : list) {
    out.push_back({{"keyId", one.key_id},
                   {"displayName", one.display_name},
                   {"certificate", one.certificate},
                   {"start", one.start},
                   {"end", one.end},
                   {"created", one.created}});
  }
  return out;
}

json::value app_json(const SandboxApp& app) {
  json::array federated;
  for (const auto& one : app.federated) {
    federated.push_back({{"id", one.id},
                         {"name", one.name},
                         {"issuer", one.issuer},
                         {"subject", one.subject},
                         {"description", one.description},
                         {"audiences", json::value_from(one.audiences)}});
  }
  return {{"clientId", app.client_id},
          {"objectId", app.object_id},
          {"name", app.name},
          {"passwords", passwords_json(app.passwords)},
          {"keys", keys_json(app.keys)},
          {"federated", std::move(federated)},
          {"settings", app.settings},
          {"created", app.created},
          {"owners", json::value_from(app.owners)}};
}

json::value principal_json(const ServicePrincipal& principal) {
  return {{"objectId", principal.object_id},
          {"clientId", principal.client_id},
          {"name", principal.name},
          {"type", principal.type},
          {"enabled", principal.enabled},
          {"created", principal.created},
          {"settings", principal.settings},
          {"owners", json::value_from(principal.owners)},
          {"passwords", passwords_json(principal.passwords)},
          {"keys", keys_json(principal.keys)}};
}

json::value assignment_json(const AppRoleAssignment& one) {
  return {{"id", one.id},
          {"principalId", one.principal_id},
          {"principalType", one.principal_type},
          {"resourceId", one.resource_id},
          {"appRoleId", one.app_role_id},
          {"created", one.created}};
}

json::value grant_json(const PermissionGrant& one) {
  return {{"id", one.id},
          {"clientId", one.client_id},
          {"consentType", one.consent_type},
          {"principalId", one.principal_id},
          {"resourceId", one.resource_id},
          {"scope", one.scope}};
}

json::value token_json(const OathToken& token) {
  return {{"sequence", token.sequence},
          {"id", token.id},
          {"graph", token.origin == OathOrigin::graph},
          {"user", token.user},
          {"serial", token.serial},
          {"base32", token.base32},
          {"interval", token.interval},
          {"sha256", token.sha256},
          {"manufacturer", token.manufacturer},
          {"model", token.model},
          {"displayName", token.display_name},
          {"enabled", token.enabled},
          {"activated", token.activated},
          {"failedActivation", token.failed_activation},
          {"assigned", token.assigned},
          {"lastStep", token.last_step},
          {"driftSteps", token.drift_steps},
          {"lastUsed", token.last_used}};
}

json::value upload_json(const UploadRecord& upload) {
  json::array rows;
  for (const auto& row : upload.rows) {
    rows.push_back({{"line", row.line},
                    {"upn", row.upn},
                    {"serial", row.serial},
                    {"base32", row.base32},
                    {"interval", row.interval},
                    {"manufacturer", row.manufacturer},
                    {"model", row.model},
                    {"error", row.error}});
  }
  return {{"id", upload.id},   {"name", upload.name},    {"status", upload.status}, {"received", upload.received},
          {"due", upload.due}, {"rows", std::move(rows)}};
}

SandboxUser user_from(const json::object& in) {
  SandboxUser user;
  read(in, "upn", user.upn);
  read(in, "oid", user.oid);
  read(in, "displayName", user.display_name);
  read(in, "guest", user.guest);
  read(in, "disabled", user.disabled);
  read(in, "deleted", user.deleted);
  read(in, "revokedThrough", user.revoked_through);
  read(in, "revokedAt", user.revoked_at);
  read(in, "methods", user.methods);
  if (const auto* roles = member(in, "roles"); roles != nullptr && roles->is_array()) {
    for (const auto& role : roles->get_array()) {
      if (role.is_string()) user.roles.emplace_back(view(role.get_string()));
    }
  }
  return user;
}

void read_passwords(const json::object& in, std::vector<PasswordCredential>& to) {
  each_object(in, "passwords", [&](const json::object& item) {
    auto& one = to.emplace_back();
    read(item, "keyId", one.key_id);
    read(item, "displayName", one.display_name);
    read(item, "secret", one.secret);
    read(item, "start", one.start);
    read(item, "end", one.end);
    read(item, "created", one.created);
  });
}

void read_keys(const json::object& in, std::vector<KeyCredential>& to) {
  each_object(in, "keys", [&](const json::object& item) {
    auto& one = to.emplace_back();
    read(item, "keyId", one.key_id);
    read(item, "displayName", one.display_name);
    read(item, "certificate", one.certificate);
    read(item, "start", one.start);
    read(item, "end", one.end);
    read(item, "created", one.created);
  });
}

SandboxApp app_from(const json::object& in) {
  SandboxApp app;
  read(in, "clientId", app.client_id);
  read(in, "objectId", app.object_id);
  read(in, "name", app.name);
  read(in, "settings", app.settings);
  read(in, "owners", app.owners);
  read(in, "created", app.created);
  read_passwords(in, app.passwords);
  read_keys(in, app.keys);
  each_object(in, "federated", [&](const json::object& item) {
    auto& one = app.federated.emplace_back();
    read(item, "id", one.id);
    read(item, "name", one.name);
    read(item, "issuer", one.issuer);
    read(item, "subject", one.subject);
    read(item, "description", one.description);
    if (const auto* list = member(item, "audiences"); list != nullptr && list->is_array()) {
      for (const auto& audience : list->get_array()) {
        if (audience.is_string()) one.audiences.emplace_back(view(audience.get_string()));
      }
    }
  });
  return app;
}

ServicePrincipal principal_from(const json::object& in) {
  ServicePrincipal principal;
  read(in, "objectId", principal.object_id);
  read(in, "clientId", principal.client_id);
  read(in, "name", principal.name);
  read(in, "type", principal.type);
  read(in, "enabled", principal.enabled);
  read(in, "created", principal.created);
  read(in, "settings", principal.settings);
  read(in, "owners", principal.owners);
  read_passwords(in, principal.passwords);
  read_keys(in, principal.keys);
  return principal;
}

AppRoleAssignment assignment_from(const json::object& in) {
  AppRoleAssignment one;
  read(in, "id", one.id);
  read(in, "principalId", one.principal_id);
  read(in, "principalType", one.principal_type);
  read(in, "resourceId", one.resource_id);
  read(in, "appRoleId", one.app_role_id);
  read(in, "created", one.created);
  return one;
}

PermissionGrant grant_from(const json::object& in) {
  PermissionGrant one;
  read(in, "id", one.id);
  read(in, "clientId", one.client_id);
  read(in, "consentType", one.consent_type);
  read(in, "principalId", one.principal_id);
  read(in, "resourceId", one.resource_id);
  read(in, "scope", one.scope);
  return one;
}

OathToken token_from(const json::object& in) {
  OathToken token;
  bool graph = false;
  read(in, "graph", graph);
  if (graph) token.origin = OathOrigin::graph;
  read(in, "sequence", token.sequence);
  read(in, "id", token.id);
  read(in, "user", token.user);
  read(in, "serial", token.serial);
  read(in, "base32", token.base32);
  read(in, "interval", token.interval);
  read(in, "sha256", token.sha256);
  read(in, "manufacturer", token.manufacturer);
  read(in, "model", token.model);
  read(in, "displayName", token.display_name);
  read(in, "enabled", token.enabled);
  read(in, "activated", token.activated);
  read(in, "failedActivation", token.failed_activation);
  read(in, "assigned", token.assigned);
  read(in, "lastStep", token.last_step);
  read(in, "driftSteps", token.drift_steps);
  read(in, "lastUsed", token.last_used);
  return token;
}

UploadRecord upload_from(const json::object& in) {
  UploadRecord upload;
  read(in, "id", upload.id);
  read(in, "name", upload.name);
  read(in, "status", upload.status);
  read(in, "received", upload.received);
  read(in, "due", upload.due);
  each_object(in, "rows", [&](const json::object& item) {
    UploadRow row;
    read(item, "line", row.line);
    read(item, "upn", row.upn);
    read(item, "serial", row.serial);
    read(item, "base32", row.base32);
    read(item, "interval", row.interval);
    read(item, "manufacturer", row.manufacturer);
    read(item, "model", row.model);
    read(item, "error", row.error);
    upload.rows.push_back(std::move(row));
  });
  return upload;
}

}  // namespace

std::string state_to_json(const State& state) {
  json::object out{{"format", kFormat},
                   {"runs", state.runs},
                   {"port", state.port},
                   {"adminPort", state.admin_port},
                   {"clockOffset", state.clock_offset},
                   {"sequence", state.sequence},
                   {"tenantId", state.tenant_id},
                   {"subscriptionId", state.subscription_id},
                   {"ownClientId", state.own_client_id},
                   {"signingKey", state.signing_key_pem},
                   {"signingCertificate", state.signing_certificate_pem}};
  json::array groups, users, apps, principals, refresh_tokens, tokens, uploads;
  for (const auto& [key, user] : state.users) users.push_back(user_json(user));
  for (const auto& [key, group] : state.groups) groups.push_back(group_json(group));
  for (const auto& [key, app] : state.apps) {
    apps.push_back(app_json(app));
  }
  for (const auto& [key, principal] : state.service_principals) principals.push_back(principal_json(principal));
  json::array assignments, grants;
  for (const auto& [id, one] : state.app_role_assignments) assignments.push_back(assignment_json(one));
  for (const auto& [id, one] : state.permission_grants) grants.push_back(grant_json(one));
  out["appRoleAssignments"] = std::move(assignments);
  out["permissionGrants"] = std::move(grants);
  out["adminToken"] = state.admin_token;
  out["identityHeader"] = state.identity_header;
  for (const auto& [hash, token] : state.refresh_tokens) {
    refresh_tokens.push_back({{"sha256", hash},
                              {"clientId", token.client_id},
                              {"user", token.user},
                              {"resource", token.resource},
                              {"sequence", token.sequence},
                              {"issued", token.issued},
                              {"used", token.used},
                              {"mfa", token.mfa},
                              {"redeemed", token.redeemed},
                              {"publicClient", token.public_client},
                              {"ends", token.ends}});
  }
  for (const auto& [key, token] : state.tokens.all()) tokens.push_back(token_json(token));
  for (const auto& upload : state.uploads) uploads.push_back(upload_json(upload));
  out["users"] = std::move(users);
  out["groups"] = std::move(groups);
  out["apps"] = std::move(apps);
  out["servicePrincipals"] = std::move(principals);
  out["refreshTokens"] = std::move(refresh_tokens);
  out["azure"] = azure_json(state.azure);
  out["tokens"] = std::move(tokens);
  out["uploads"] = std::move(uploads);
  out["oathMethodPolicy"] = {{"enabled", state.oath_method_policy.enabled},
                             {"includeTargets", state.oath_method_policy.include_targets},
                             {"excludeTargets", state.oath_method_policy.exclude_targets}};
  const auto& policy = state.policy;
  json::object challenges;
  for (const auto& [service, since] : policy.claims_challenges) challenges[service] = since;
  out["policy"] = {{"refreshError", policy.refresh_error},
                   {"portalError", policy.portal_error},
                   {"workloadError", policy.workload_error},
                   {"signInError", policy.sign_in_error},
                   {"errorTexts", error_texts_json(policy.error_texts)},
                   {"claimsChallenges", std::move(challenges)},
                   {"requireMfa", policy.require_mfa},
                   {"mfaAtSignIn", policy.mfa_at_sign_in},
                   {"mandatoryMfa", policy.mandatory_mfa},
                   {"clientSecretExpired", policy.client_secret_expired},
                   {"uploadOutcome", policy.upload_outcome},
                   {"refreshAccount", policy.refresh_account},
                   {"refreshTenant", policy.refresh_tenant},
                   {"nextApprover", policy.next_approver},
                   {"replicationDelay", policy.replication_delay},
                   {"replicationMisses", policy.replication_misses},
                   {"clientAddress", policy.client_address},
                   {"graphThrottling", policy.graph_throttling},
                   {"graphDuplicateSerial", policy.graph_duplicate_serial},
                   {"graphWrappedDevices", policy.graph_wrapped_devices},
                   {"graphOathInGovernment", policy.graph_oath_in_government}};
  return json::serialize(out);
}

Result<State> state_from_json(std::string_view text) {
  const auto in = parse_json_object(text);
  if (!in) {
    return fail(Errc::corrupt, "the sandbox's state file is damaged", "Remove the sandbox's folder and start afresh.");
  }
  if (int_member(*in, "format") != kFormat) {
    return fail(Errc::corrupt, "the sandbox's state file was written by another version",
                "Remove the sandbox's folder and start afresh.");
  }
  State state;
  read(*in, "runs", state.runs);
  read(*in, "port", state.port);
  read(*in, "adminPort", state.admin_port);
  read(*in, "clockOffset", state.clock_offset);
  read(*in, "sequence", state.sequence);
  read(*in, "tenantId", state.tenant_id);
  read(*in, "subscriptionId", state.subscription_id);
  read(*in, "ownClientId", state.own_client_id);
  read(*in, "signingKey", state.signing_key_pem);
  read(*in, "signingCertificate", state.signing_certificate_pem);
  each_object(*in, "users", [&](const json::object& item) {
    auto user = user_from(item);
    const auto key = lower(user.upn);
    state.users.emplace(key, std::move(user));
  });
  each_object(*in, "groups", [&](const json::object& item) {
    SandboxGroup group;
    read(item, "id", group.id);
    read(item, "displayName", group.display_name);
    read(item, "members", group.members);
    auto id = group.id;
    state.groups.emplace(std::move(id), std::move(group));
  });
  each_object(*in, "apps", [&](const json::object& item) {
    auto app = app_from(item);
    const auto key = app.client_id;
    state.apps.emplace(key, std::move(app));
  });
  each_object(*in, "servicePrincipals", [&](const json::object& item) {
    auto principal = principal_from(item);
    const auto key = principal.object_id;
    state.service_principals.emplace(key, std::move(principal));
  });
  each_object(*in, "appRoleAssignments", [&](const json::object& item) {
    auto one = assignment_from(item);
    const auto key = one.id;
    state.app_role_assignments.emplace(key, std::move(one));
  });
  each_object(*in, "permissionGrants", [&](const json::object& item) {
    auto one = grant_from(item);
    const auto key = one.id;
    state.permission_grants.emplace(key, std::move(one));
  });
  read(*in, "adminToken", state.admin_token);
  read(*in, "identityHeader", state.identity_header);
  each_object(*in, "refreshTokens", [&](const json::object& item) {
    RefreshTokenRecord token;
    std::string hash;
    read(item, "sha256", hash);
    read(item, "clientId", token.client_id);
    read(item, "user", token.user);
    read(item, "resource", token.resource);
    read(item, "sequence", token.sequence);
    read(item, "issued", token.issued);
    read(item, "used", token.used);
    read(item, "mfa", token.mfa);
    read(item, "redeemed", token.redeemed);
    read(item, "publicClient", token.public_client);
    read(item, "ends", token.ends);
    state.refresh_tokens.emplace(std::move(hash), std::move(token));
  });
  if (const auto* azure = member(*in, "azure"); azure != nullptr && azure->is_object()) {
    state.azure = azure_from_json(azure->get_object());
  }
  each_object(*in, "tokens", [&](const json::object& item) { state.tokens.add(token_from(item)); });
  each_object(*in, "uploads", [&](const json::object& item) { state.uploads.push_back(upload_from(item)); });
  if (const auto* policy = member(*in, "oathMethodPolicy"); policy != nullptr && policy->is_object()) {
    read(policy->get_object(), "enabled", state.oath_method_policy.enabled);
    read(policy->get_object(), "includeTargets", state.oath_method_policy.include_targets);
    read(policy->get_object(), "excludeTargets", state.oath_method_policy.exclude_targets);
  }
  if (const auto* policy = member(*in, "policy"); policy != nullptr && policy->is_object()) {
    const auto& item = policy->get_object();
    read(item, "refreshError", state.policy.refresh_error);
    read(item, "portalError", state.policy.portal_error);
    read(item, "workloadError", state.policy.workload_error);
    read(item, "signInError", state.policy.sign_in_error);
    if (const auto* texts = member(item, "errorTexts"))
      state.policy.error_texts = error_texts_from(*texts).value_or(std::map<int, std::string>());
    if (const auto* challenges = member(item, "claimsChallenges"); challenges != nullptr && challenges->is_object()) {
      for (const auto& one : challenges->get_object()) {
        if (one.value().is_int64()) state.policy.claims_challenges[std::string(one.key())] = one.value().get_int64();
      }
    }
    read(item, "requireMfa", state.policy.require_mfa);
    read(item, "mfaAtSignIn", state.policy.mfa_at_sign_in);
    read(item, "mandatoryMfa", state.policy.mandatory_mfa);
    read(item, "clientSecretExpired", state.policy.client_secret_expired);
    read(item, "uploadOutcome", state.policy.upload_outcome);
    read(item, "refreshAccount", state.policy.refresh_account);
    read(item, "refreshTenant", state.policy.refresh_tenant);
    read(item, "nextApprover", state.policy.next_approver);
    read(item, "replicationDelay", state.policy.replication_delay);
    read(item, "replicationMisses", state.policy.replication_misses);
    read(item, "clientAddress", state.policy.client_address);
    read(item, "graphThrottling", state.policy.graph_throttling);
    read(item, "graphDuplicateSerial", state.policy.graph_duplicate_serial);
    read(item, "graphWrappedDevices", state.policy.graph_wrapped_devices);
    read(item, "graphOathInGovernment", state.policy.graph_oath_in_government);
  }
  return state;
}

}  // namespace portalkey::sandbox
