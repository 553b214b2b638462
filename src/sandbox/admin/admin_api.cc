#include "sandbox/admin/admin_api.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/time_text.h"
#include "otp/base32.h"
#include "sandbox/admin/directory_pages.h"
#include "sandbox/entra/claims_challenge.h"
#include "sandbox/entra/entra.h"
#include "sandbox/entra/errors.h"
#include "sandbox/entra/sign_in_page.h"
#include "sandbox/entra/token_sign_in.h"
#include "sandbox/entra/workload_issuer.h"
#include "sandbox/portal/portal.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/error_texts.h"
#include "sandbox/world/ip_rules.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

HttpResponse refused(int status, std::string_view what) { return json_answer(status, {{"error", what}}); }
HttpResponse done() { return json_answer(200, {{"ok", true}}); }

struct AdminCall {
  World& world;
  const HttpRequest& request;
  json::object body;
};

HttpResponse get_health(AdminCall& call) {
  return json_answer(200,
                     {{"status", "ok"}, {"now", iso_time(call.world.clock.now())}, {"tenantId", call.world.state.tenant_id}});
}

json::object fault_json(const FaultRule& rule) {
  json::object out{{"id", rule.id},         {"host", rule.host},      {"path", rule.path},
                   {"method", rule.method}, {"kind", rule.kind_name}, {"probability", rule.probability},
                   {"times", rule.times},   {"skip", rule.skip},      {"hits", rule.hits}};
  if (rule.status != 0) out["status"] = rule.status;
  if (rule.retry_after) out["retryAfter"] = *rule.retry_after;
  if (rule.milliseconds != 0) out["milliseconds"] = rule.milliseconds;
  return out;
}

HttpResponse get_faults(AdminCall& call) {
  json::array rules;
  for (const auto& rule : call.world.faults.rules()) rules.push_back(fault_json(rule));
  return json_answer(200, {{"faults", std::move(rules)}});
}

HttpResponse add_faults(AdminCall& call) {
  const auto body = parse_json(call.request.body);
  if (!body) return refused(400, "the body is not JSON");
  const json::array list = body->is_array() ? body->get_array() : json::array{*body};
  std::vector<FaultRule> rules;
  for (const auto& item : list) {
    auto rule = parse_fault(json::serialize(item));
    if (!rule) return refused(400, rule.error().what + ". " + rule.error().remedy);
    rules.push_back(std::move(*rule));
  }
  json::array ids;
  for (auto& rule : rules) ids.emplace_back(call.world.faults.add(std::move(rule)));
  return json_answer(200, {{"ids", std::move(ids)}});
}

HttpResponse delete_faults(AdminCall& call) {
  call.world.faults.clear();
  return done();
}

HttpResponse get_clock(AdminCall& call) {
  return json_answer(200, {{"offsetSeconds", call.world.clock.offset().count()},
                           {"now", iso_time(call.world.clock.now())},
                           {"unixMilliseconds", call.world.clock.milliseconds()}});
}

HttpResponse set_clock(AdminCall& call) {
  const auto offset = int_member(call.body, "offsetSeconds");
  const auto advance = int_member(call.body, "advanceSeconds");
  if (offset.has_value() == advance.has_value()) return refused(400, "give either offsetSeconds or advanceSeconds, a number");
  const std::int64_t now = offset ? *offset : call.world.clock.offset().count() + *advance;
  constexpr std::int64_t kCentury = 100LL * 365 * 86400;
  if (now > kCentury || now < -kCentury / 2) return refused(400, "that is too far away");
  call.world.clock.set_offset(std::chrono::seconds(now));
  call.world.state.clock_offset = now;
  call.world.touch();
  return get_clock(call);
}

HttpResponse get_users(AdminCall& call) { return users_page(call.world); }
HttpResponse set_user(AdminCall& call) { return change_user(call.world, call.body); }
HttpResponse get_groups(AdminCall& call) { return groups_page(call.world); }
HttpResponse set_group(AdminCall& call) { return change_group(call.world, call.body); }

HttpResponse revoke(AdminCall& call) {
  World& world = call.world;
  const auto upn = string_member(call.body, "upn");
  const bool all = bool_member(call.body, "all").value_or(false);
  if (!upn && !all) return refused(400, "give upn, or \"all\": true");
  bool found = all;
  for (auto& [key, user] : world.state.users) {
    if (!all && key != lower(*upn)) continue;
    user.revoked_through = world.state.sequence;
    user.revoked_at = world.clock.seconds();
    found = true;
  }
  if (!found) return refused(404, "there is no such user");
  world.touch();
  return done();
}

HttpResponse get_policy(AdminCall& call) {
  const auto& policy = call.world.state.policy;
  const auto code = [](int value) { return value == 0 ? json::value(nullptr) : json::value(value); };
  json::array challenges;
  for (const auto& [service, since] : policy.claims_challenges) challenges.emplace_back(service);
  return json_answer(
      200, {{"refreshError", code(policy.refresh_error)},
            {"portalError", code(policy.portal_error)},
            {"workloadError", code(policy.workload_error)},
            {"signInError", code(policy.sign_in_error)},
            {"errorTexts", error_texts_json(policy.error_texts)},
            {"claimsChallenge", std::move(challenges)},
            {"refreshAccount", policy.refresh_account.empty() ? json::value(nullptr) : json::value(policy.refresh_account)},
            {"refreshTenant", policy.refresh_tenant.empty() ? json::value(nullptr) : json::value(policy.refresh_tenant)},
            {"requireMfa", policy.require_mfa},
            {"mfaAtSignIn", policy.mfa_at_sign_in},
            {"mandatoryMfa", policy.mandatory_mfa},
            {"clientSecretExpired", policy.client_secret_expired},
            {"uploadOutcome", policy.upload_outcome},
            {"replicationDelay", policy.replication_delay},
            {"replicationMisses", policy.replication_misses},
            {"nextApprover", policy.next_approver.empty() ? json::value(nullptr) : json::value(policy.next_approver)},
            {"clientAddress", policy.client_address.empty() ? json::value(nullptr) : json::value(policy.client_address)},
            {"graphThrottling", policy.graph_throttling},
            {"graphDuplicateSerial", policy.graph_duplicate_serial},
            {"graphWrappedDevices", policy.graph_wrapped_devices},
            {"graphOathInGovernment", policy.graph_oath_in_government}});
}

/// The policy of that name, if it is one that is true or false.
bool* flag_of(SandboxPolicy& policy, std::string_view name) {
  if (name == "requireMfa") return &policy.require_mfa;
  if (name == "mfaAtSignIn") return &policy.mfa_at_sign_in;
  if (name == "mandatoryMfa") return &policy.mandatory_mfa;
  if (name == "clientSecretExpired") return &policy.client_secret_expired;
  if (name == "graphThrottling") return &policy.graph_throttling;
  if (name == "graphWrappedDevices") return &policy.graph_wrapped_devices;
  if (name == "graphOathInGovernment") return &policy.graph_oath_in_government;
  return nullptr;
}

HttpResponse set_policy(AdminCall& call) {
  SandboxPolicy policy = call.world.state.policy;
  if (const auto* texts = member(call.body, "errorTexts")) {  // first: they make codes known
    auto read = error_texts_from(*texts);
    if (!read) return refused(400, "errorTexts is an object: AADSTS code to text");
    policy.error_texts = std::move(*read);
  }
  for (const auto& item : call.body) {
    const std::string_view key(item.key().data(), item.key().size());
    const json::value& value = item.value();
    if (key == "refreshError" || key == "portalError" || key == "workloadError" || key == "signInError") {
      const int code = static_cast<int>(int_member(call.body, key).value_or(0));
      if (!value.is_null() && find_aadsts(code) == nullptr && !policy.error_texts.contains(code))
        return refused(400, "the sandbox does not know that AADSTS code: give its text in errorTexts");
      (key == "refreshError"    ? policy.refresh_error
       : key == "portalError"   ? policy.portal_error
       : key == "workloadError" ? policy.workload_error
                                : policy.sign_in_error) = code;
    } else if (key == "errorTexts") {  // done
    } else if (key == "claimsChallenge") {
      policy.claims_challenges.clear();
      if (!value.is_array() && !value.is_null()) return refused(400, "claimsChallenge is an array of services");
      for (const auto& one : value.is_array() ? value.get_array() : json::array()) {
        const std::string service = one.is_string() ? std::string(view(one.get_string())) : std::string();
        if (!can_challenge(service)) return refused(400, "only vault, arm, graph and portal can challenge");
        policy.claims_challenges[service] = call.world.clock.seconds();
      }
    } else if (bool* flag = flag_of(policy, key)) {
      if (!value.is_bool()) return refused(400, std::string(key) + " is true or false");
      *flag = value.get_bool();
    } else if (key == "graphDuplicateSerial") {
      const auto status = int_member(call.body, key);
      if (status != 400 && status != 409) return refused(400, "graphDuplicateSerial is 400 or 409");
      policy.graph_duplicate_serial = static_cast<int>(*status);
    } else if (key == "uploadOutcome") {
      const std::string outcome = string_member(call.body, key).value_or("");
      if (outcome != "ok" && outcome != "errors" && outcome != "never")
        return refused(400, "uploadOutcome is ok, errors or never");
      policy.upload_outcome = outcome;
    } else if (key == "replicationDelay" || key == "replicationMisses") {
      const auto number = int_member(call.body, key);
      if (!number || *number < 0) return refused(400, std::string(key) + " is a number, 0 or more");
      (key == "replicationDelay" ? policy.replication_delay : policy.replication_misses) = *number;
    } else if (key == "refreshAccount") {
      policy.refresh_account = string_member(call.body, key).value_or("");
    } else if (key == "refreshTenant") {
      policy.refresh_tenant = string_member(call.body, key).value_or("");
    } else if (key == "nextApprover") {
      policy.next_approver = string_member(call.body, key).value_or("");
    } else if (key == "clientAddress") {
      policy.client_address = string_member(call.body, key).value_or("");
      if (!value.is_null() && !parse_ipv4(policy.client_address)) return refused(400, "clientAddress is an IPv4 address");
    } else {
      return refused(400, "there is no policy '" + std::string(key) + "'");
    }
  }
  call.world.state.policy = std::move(policy);
  call.world.touch();
  return get_policy(call);
}

HttpResponse get_requests(AdminCall& call) {
  const auto& journal = call.world.journal;
  json::array requests;
  for (const auto& entry : journal.entries()) {
    json::object out{{"time", iso_time(entry.time)},
                     {"unixMilliseconds", std::chrono::floor<std::chrono::milliseconds>(entry.time).time_since_epoch().count()},
                     {"method", entry.method},
                     {"service", entry.service},
                     {"host", entry.host},
                     {"path", entry.path},
                     {"status", entry.status},
                     {"authorization", entry.authorization}};
    if (!entry.fault.empty()) out["fault"] = entry.fault;
    requests.push_back(std::move(out));
  }
  json::object by_service, by_status;
  for (const auto& [service, count] : journal.by_service()) by_service[service] = count;
  for (const auto& [status, count] : journal.by_status()) by_status[std::to_string(status)] = count;
  return json_answer(200, {{"total", journal.total()},
                           {"byService", std::move(by_service)},
                           {"byStatus", std::move(by_status)},
                           {"requests", std::move(requests)}});
}

HttpResponse delete_requests(AdminCall& call) {
  call.world.journal.clear();
  return done();
}

HttpResponse get_tokens(AdminCall& call) {
  json::array tokens;
  for (const auto& [sequence, token] : call.world.state.tokens.all()) {
    const auto user = call.world.state.users.find(token.user);
    tokens.push_back({{"oathId", token.id},
                      {"upn", user == call.world.state.users.end() ? token.user : user->second.upn},
                      {"serialNumber", token.serial},
                      {"secretKey", token.base32},
                      {"timeInterval", token.interval},
                      {"hashFunction", token.sha256 ? "hmacsha256" : "hmacsha1"},
                      {"backend", token.origin == OathOrigin::graph ? "graph" : "portal"},
                      {"manufacturer", token.manufacturer},
                      {"model", token.model},
                      {"enabled", token.enabled},
                      {"driftSeconds", token.drift_steps * token.interval}});
  }
  return json_answer(200, {{"tokens", std::move(tokens)}});
}

HttpResponse add_token(AdminCall& call) {
  const auto upn = string_member(call.body, "upn");
  const auto serial = string_member(call.body, "serialNumber");
  const auto secret = string_member(call.body, "secretKey");
  const auto backend = string_member(call.body, "backend").value_or("portal");
  if (backend != "portal" && backend != "graph") return refused(400, "backend is portal or graph");
  const bool graph = backend == "graph";
  if ((!upn && !graph) || !serial || !secret || !decode_base32(*secret))
    return refused(400, "give upn (but for unassigned Graph devices), serialNumber and secretKey (base32)");
  const SandboxUser* user = upn ? find_user(call.world, *upn) : nullptr;
  if (upn && user == nullptr) return refused(404, "there is no such user");
  const auto hash = string_member(call.body, "hashFunction").value_or("hmacsha1");
  if (hash != "hmacsha1" && !(graph && hash == "hmacsha256"))
    return refused(400, "hashFunction is hmacsha1, or hmacsha256 of Graph devices");
  const bool enabled = bool_member(call.body, "enabled").value_or(false);
  if (enabled && user == nullptr) return refused(400, "an unassigned token is not enabled");
  OathToken token;
  token.id = call.world.random.guid();
  token.origin = graph ? OathOrigin::graph : OathOrigin::portal;
  if (user != nullptr) token.user = lower(user->upn);
  if (user != nullptr) token.assigned = call.world.clock.seconds();
  token.sha256 = hash == "hmacsha256";
  token.serial = *serial;
  token.base32 = *secret;
  token.interval = int_member(call.body, "timeInterval").value_or(30) == 60 ? 60 : 30;
  token.manufacturer = string_member(call.body, "manufacturer").value_or("Contoso");
  token.model = string_member(call.body, "model").value_or("HardwareKey");
  token.enabled = token.activated = enabled;
  const std::string id = token.id;
  if (!call.world.state.tokens.add(std::move(token))) return refused(409, "that serial number is taken");
  call.world.touch();
  return json_answer(200, {{"oathId", id}});
}

HttpResponse try_token(AdminCall& call) {
  const auto upn = string_member(call.body, "upn");
  const auto code = string_member(call.body, "code");
  if (!upn || !code) return refused(400, "give upn, and code: a text of six digits");
  const SandboxUser* user = find_user(call.world, *upn);
  if (user == nullptr) return refused(404, "there is no such user");
  const auto tried = sign_in_with_token(call.world, *user, *code);
  if (tried.token == nullptr) return json_answer(200, {{"signedIn", false}, {"reason", tried.reason}});
  return json_answer(200, {{"signedIn", true},
                           {"serialNumber", tried.token->serial},
                           {"oathId", tried.token->id},
                           {"driftSeconds", tried.token->drift_steps * tried.token->interval}});
}

HttpResponse get_uploads(AdminCall& call) {
  json::array uploads;
  for (const auto& upload : call.world.state.uploads) {
    json::array rows;
    for (const auto& row : upload.rows) {
      rows.push_back({{"line", row.line}, {"upn", row.upn}, {"serialNumber", row.serial}, {"error", row.error}});
    }
    uploads.push_back({{"id", upload.id}, {"name", upload.name}, {"status", upload.status}, {"rows", std::move(rows)}});
  }
  return json_answer(200, {{"uploads", std::move(uploads)}});
}

/// The object id of an app (by client or object id) or user (by UPN), and what it is.
std::pair<std::string, std::string> principal_of(World& world, std::string_view text) {
  if (const auto app = world.state.apps.find(lower(text)); app != world.state.apps.end()) {
    const auto* own = find_service_principal(world, app->first);
    return {own == nullptr ? std::string() : own->object_id, "ServicePrincipal"};
  }
  if (const auto known = find_principal(world, text)) return {lower(text), known->type};
  if (text.find('@') == std::string_view::npos) return {};
  const auto* user = find_user(world, text);
  return {user == nullptr ? std::string() : user->oid, "User"};
}

std::string first_vault_scope(const World& world) {
  Vault vault;
  vault.name = world.options.vault_name;
  vault.resource_group = kFirstResourceGroup;
  if (const auto found = world.state.azure.vaults.find(lower(vault.name)); found != world.state.azure.vaults.end()) {
    vault.resource_group = found->second.resource_group;
  }
  return vault_scope(world.state, vault);
}

HttpResponse get_vault_roles(AdminCall& call) {
  json::object roles;
  const std::string scope = first_vault_scope(call.world);
  for (const auto& [name, assignment] : call.world.state.azure.role_assignments) {
    const auto* role = find_role(assignment.role);
    if (role != nullptr && same_ignoring_case(assignment.scope, scope)) roles[assignment.principal_id] = role->name;
  }
  return json_answer(200, {{"vaultRoles", std::move(roles)}});
}

/// Takes all of a principal's roles at exactly this scope away.
void remove_roles(World& world, std::string_view oid, std::string_view scope) {
  std::erase_if(world.state.azure.role_assignments, [&](const auto& item) {
    return same_ignoring_case(item.second.principal_id, oid) && same_ignoring_case(item.second.scope, scope);
  });
}

HttpResponse set_vault_role(AdminCall& call) {
  const auto principal = string_member(call.body, "principal");
  const auto role = string_member(call.body, "role");
  if (!principal || !role || (*role != kSecretsOfficer && *role != kSecretsUser && *role != "none")) {
    return refused(400, "give principal, and role: Key Vault Secrets Officer, Key Vault Secrets User or none");
  }
  const auto [oid, type] = principal_of(call.world, *principal);
  if (oid.empty()) return refused(404, "there is no such app or user");
  const std::string scope = first_vault_scope(call.world);
  remove_roles(call.world, oid, scope);
  if (*role != "none") assign_role(call.world.state, oid, type, *role, scope);
  call.world.touch();
  return done();
}

HttpResponse get_role_assignments(AdminCall& call) {
  json::array list;
  for (const auto& [name, assignment] : call.world.state.azure.role_assignments) {
    const auto* role = find_role(assignment.role);
    list.push_back({{"name", name},
                    {"scope", assignment.scope},
                    {"role", role == nullptr ? std::string_view(assignment.role) : role->name},
                    {"principalId", assignment.principal_id},
                    {"principalType", assignment.principal_type}});
  }
  return json_answer(200, {{"roleAssignments", std::move(list)}});
}

HttpResponse set_role_assignment(AdminCall& call) {
  const auto principal = string_member(call.body, "principal");
  const auto role = string_member(call.body, "role");
  if (!principal || !role || (*role != "none" && find_role_by_name(*role) == nullptr)) {
    return refused(400, "give principal, and role: the name of a built-in role, or none");
  }
  const auto [oid, type] = principal_of(call.world, *principal);
  if (oid.empty()) return refused(404, "there is no such app or user");
  const std::string scope = string_member(call.body, "scope").value_or(subscription_scope(call.world.state));
  if (!lies_within(scope, subscription_scope(call.world.state))) {
    return refused(400, "scope is a resource id in the sandbox's subscription");
  }
  if (*role == "none") {
    remove_roles(call.world, oid, scope);
  } else {
    assign_role(call.world.state, oid, type, *role, scope);
  }
  call.world.touch();
  return done();
}

HttpResponse make_federated_token(AdminCall& call) {
  WorkloadToken token;
  const auto subject = string_member(call.body, "subject");
  if (!subject || subject->empty()) return refused(400, "give subject");
  token.subject = *subject;
  token.issuer = string_member(call.body, "issuer").value_or("");
  token.audience = string_member(call.body, "audience").value_or(token.audience);
  token.lifetime = std::chrono::seconds(int_member(call.body, "lifetimeSeconds").value_or(token.lifetime.count()));
  return json_answer(200, {{"token", make_workload_token(call.world, token)},
                           {"issuer", token.issuer.empty() ? workload_issuer(call.world) : token.issuer},
                           {"subject", token.subject},
                           {"audience", token.audience},
                           {"expiresOn", call.world.clock.seconds() + token.lifetime.count()}});
}

struct AdminRow {
  std::string_view method, path;
  HttpResponse (*page)(AdminCall&);
};
constexpr AdminRow kPages[] = {
    {"GET", "/health", get_health},
    {"GET", "/faults", get_faults},
    {"POST", "/faults", add_faults},
    {"DELETE", "/faults", delete_faults},
    {"GET", "/clock", get_clock},
    {"POST", "/clock", set_clock},
    {"GET", "/users", get_users},
    {"POST", "/users", set_user},
    {"GET", "/groups", get_groups},
    {"POST", "/groups", set_group},
    {"POST", "/revoke", revoke},
    {"GET", "/policy", get_policy},
    {"POST", "/policy", set_policy},
    {"GET", "/requests", get_requests},
    {"DELETE", "/requests", delete_requests},
    {"GET", "/tokens", get_tokens},
    {"POST", "/tokens", add_token},
    {"GET", "/uploads", get_uploads},
    {"POST", "/sign-in-with-token", try_token},
    {"POST", "/federated-token", make_federated_token},
    {"GET", "/vault-roles", get_vault_roles},
    {"POST", "/vault-roles", set_vault_role},
    {"GET", "/role-assignments", get_role_assignments},
    {"POST", "/role-assignments", set_role_assignment},
};

/// Whoever drives this port can read its folder: a page in a browser cannot send the header without asking first, which is
/// refused, and another account of this machine does not know the token.
bool has_token(const World& world, const HttpRequest& request) {
  const auto given = request.header(kAdminTokenHeader);
  const std::string& token = world.state.admin_token;
  return !token.empty() && given.size() == token.size() && CRYPTO_memcmp(given.data(), token.data(), token.size()) == 0;
}

bool is_json(const HttpRequest& request) {
  const auto type = request.header("content-type");
  return same_ignoring_case(trimmed(type.substr(0, type.find(';'))), "application/json");
}

constexpr std::string_view kSignIn = "/sign-in/";

/// `/sign-in/HOST/TENANT/oauth2/…/authorize`: what HOST answers there, for a browser that knows neither the sandbox's names nor
/// its certificates.
HttpResponse authorize_page(World& world, const HttpRequest& request) {
  const auto slash = request.path.find('/', kSignIn.size());
  if (slash == std::string::npos || !request.path.ends_with("/authorize")) return refused(404, "there is no such page");
  HttpRequest there = request;
  there.host = lower(std::string_view(request.path).substr(kSignIn.size(), slash - kSignIn.size()));
  there.path = request.path.substr(slash);
  const auto route = route_of(there.host);
  if (route.service != Service::login) return refused(404, "that is no host of a sign-in service");
  return entra(world, there, *route.cloud);
}

}  // namespace

bool from_a_foreign_page(const HttpRequest& request) {
  if (!request.has_header("origin")) return false;
  return request.header("origin") != "http://" + std::string(request.header("host"));
}

HttpResponse admin_api(World& world, const HttpRequest& request) {
  // A page on the Internet whose name resolves to 127.0.0.1 must not reach this.
  if (request.host != "127.0.0.1" && request.host != "localhost")
    return refused(403, "this port answers to 127.0.0.1 and localhost only");
  if (from_a_foreign_page(request)) return refused(403, "this port does not answer pages of other origins");
  if (request.path == "/devicelogin") return sign_in_page(world, request);
  if (request.path.starts_with(kSignIn)) return authorize_page(world, request);
  if (request.path != "/health" && !has_token(world, request)) {
    return refused(
        401, "send the text of the file admin-token in the sandbox's folder in the header " + std::string(kAdminTokenHeader));
  }
  settle_uploads(world);
  AdminCall call{world, request, {}};
  const AdminRow* same_path = nullptr;
  for (const auto& row : kPages) {
    if (row.path != request.path) continue;
    same_path = &row;
    if (row.method != request.method) continue;
    if (request.method == "POST") {
      if (!is_json(request)) return refused(415, "send JSON, with Content-Type: application/json");
      if (row.page == add_faults) return row.page(call);  // also takes an array
      auto body = parse_json_object(request.body);
      if (!body) return refused(400, "the body is not a JSON object");
      call.body = std::move(*body);
    }
    return row.page(call);
  }
  return same_path != nullptr ? refused(405, "not that method") : refused(404, "there is no such page");
}

}  // namespace portalkey::sandbox
