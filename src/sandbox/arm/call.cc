#include "sandbox/arm/call.h"

#include <algorithm>
#include <charconv>

#include "base/percent_encoding.h"
#include "base/time_text.h"
#include "sandbox/arm/locks.h"
#include "sandbox/wire/api_version.h"
#include "sandbox/wire/relaxed_json.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {

std::string ArmCall::path() const {
  std::string out;
  for (const auto& part : parts) out += '/' + part;
  return out;
}

std::optional<std::string> ArmCall::parameter(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (same_ignoring_case(key, name)) return value;
  }
  return std::nullopt;
}

ArmCall ArmCall::other(std::string_view other_method, std::string_view path, std::string_view version,
                       std::string other_body) const {
  ArmCall made = *this;
  made.method = other_method;
  made.api_version = version;
  made.body = std::move(other_body);
  made.query.clear();
  made.parts.clear();
  for (std::string_view rest = path; !rest.empty();) {
    const auto slash = rest.find('/');
    if (slash != 0) made.parts.emplace_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  return made;
}

std::string ArmCall::link(std::string_view path) const {
  return "https://" + host + std::string(path) + "?api-version=" + percent_encode(api_version);
}

Stamp ArmCall::stamp() const {
  const bool app = caller.upn.empty();
  return {app ? caller.app_id : caller.upn, app ? "Application" : "User", world.clock.seconds()};
}

HttpResponse arm_error(int status, std::string_view code, std::string_view message, json::array details) {
  json::object error{{"code", code}, {"message", message}};
  if (!details.empty()) error["details"] = std::move(details);
  return json_answer(status, {{"error", std::move(error)}});
}

HttpResponse arm_method_not_allowed(const ArmCall& call) {
  return arm_error(405, "HttpMethodNotAllowed", "The HTTP method '" + call.method + "' is not supported at this path.");
}

HttpResponse empty_answer(int status) {
  HttpResponse answer;
  answer.status = status;
  return answer;
}

HttpResponse accepted(const ArmCall& call, std::string_view operation_path) {
  auto answer = empty_answer(202);
  answer.headers.emplace_back("Location", call.link(operation_path));
  answer.headers.emplace_back("Retry-After", "1");
  return answer;
}

json::object list_answer(json::array value) { return {{"value", std::move(value)}}; }

HttpResponse list_page(const ArmCall& call, json::array value) {
  constexpr std::size_t kMost = 1000;
  const auto number = [&](std::string_view name, std::size_t otherwise) -> std::optional<std::size_t> {
    const auto text = call.parameter(name);
    if (!text) return otherwise;
    std::size_t out = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
    if (problem != std::errc() || end != text->data() + text->size()) return std::nullopt;
    return out;
  };
  const auto top = number("$top", kMost), from = number("$skiptoken", 0);
  if (!top || *top == 0 || *top > kMost) {
    return arm_error(400, "InvalidTopParameter", "The value of $top must be a whole number between 1 and 1000.");
  }
  if (!from || *from > value.size()) return arm_error(400, "InvalidSkipToken", "The value of $skiptoken is not valid.");
  const std::size_t end = std::min(value.size(), *from + *top);
  json::array page(value.begin() + static_cast<std::ptrdiff_t>(*from), value.begin() + static_cast<std::ptrdiff_t>(end));
  auto answer = list_answer(std::move(page));
  if (end < value.size()) {
    std::string next = call.link(call.path());
    for (const auto& [name, text] : call.query) {
      if (same_ignoring_case(name, "api-version") || same_ignoring_case(name, "$skiptoken")) continue;
      next += '&' + name + '=' + percent_encode(text);
    }
    answer["nextLink"] = next + "&$skiptoken=" + std::to_string(end);
  }
  return json_answer(200, std::move(answer));
}

std::optional<HttpResponse> read_body(const ArmCall& call, json::object& body) {
  auto parsed = parse_relaxed_json(call.body);
  if (!parsed || !parsed->is_object()) {
    return arm_error(400, "InvalidRequestContent",
                     "The request content was invalid and could not be deserialized: 'the body is not a JSON object'.");
  }
  body = std::move(parsed->get_object());
  return std::nullopt;
}

std::optional<HttpResponse> require(const ArmCall& call, std::string_view action, std::string_view scope) {
  if (allowing(call.world, call.caller.oid, action, scope, Plane::control) != nullptr)
    return lock_refuses(call.world, action, scope);
  const std::string client = call.caller.upn.empty() ? call.caller.app_id : call.caller.upn;
  return arm_error(403, "AuthorizationFailed",
                   "The client '" + client + "' with object id '" + call.caller.oid +
                       "' does not have authorization to perform action '" + std::string(action) + "' over scope '" +
                       std::string(scope) +
                       "' or the scope is invalid. If access was recently granted, please refresh your credentials.");
}

std::optional<HttpResponse> require_version(const ArmCall& call, std::span<const std::string_view> known, std::string_view type,
                                            std::string_view location) {
  if (std::ranges::find(known, call.api_version) != known.end()) return std::nullopt;
  if (is_newer_version(call.api_version, std::ranges::max(known))) return std::nullopt;
  std::string versions;
  for (const auto version : known) versions += (versions.empty() ? "" : ", ") + std::string(version);
  if (type.empty()) {
    return arm_error(400, "InvalidApiVersionParameter",
                     "The api-version '" + call.api_version + "' is invalid. The supported versions are '" + versions + "'.");
  }
  return arm_error(400, "NoRegisteredProviderFound",
                   "No registered resource provider found for location '" + std::string(location) + "' and API version '" +
                       call.api_version + "' for type '" + std::string(type) + "'. The supported api-versions are '" +
                       versions + "'. The supported locations are '" + location_names(call) + "'.");
}

std::string scope_before(const ArmCall& call, std::size_t at) {
  std::string scope;
  for (std::size_t i = 0; i < at; ++i) scope += '/' + call.parts[i];
  return scope;
}

std::optional<HttpResponse> require_scope(const ArmCall& call, std::size_t at) {
  const auto& azure = call.world.state.azure;
  if (at < 4 || !call.is(2, "resourcegroups")) return std::nullopt;
  if (find_group(call.world, call.parts[3]) == nullptr) return group_not_found(call.parts[3]);
  if (at < 8 || !call.is(4, "providers")) return std::nullopt;
  const std::string type = call.parts[5] + '/' + call.parts[6];
  bool there = false;
  if (same_ignoring_case(type, "Microsoft.KeyVault/vaults")) {
    const auto vault = azure.vaults.find(lower(call.parts[7]));
    there = vault != azure.vaults.end() && same_ignoring_case(vault->second.resource_group, call.parts[3]);
  } else if (same_ignoring_case(type, "Microsoft.Network/virtualNetworks")) {
    there = azure.virtual_networks.contains(lower(call.parts[3] + '/' + call.parts[7]));
  }
  if (there) return std::nullopt;
  return resource_not_found(type, call.parts[7], call.parts[3]);
}

HttpResponse group_not_found(std::string_view name) {
  return arm_error(404, "ResourceGroupNotFound", "Resource group '" + std::string(name) + "' could not be found.");
}

HttpResponse resource_not_found(std::string_view type, std::string_view name, std::string_view group) {
  return arm_error(404, "ResourceNotFound",
                   "The Resource '" + std::string(type) + '/' + std::string(name) + "' under resource group '" +
                       std::string(group) +
                       "' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
}

bool read_tags(const json::object& body, std::map<std::string, std::string>& tags) {
  const auto* given = member(body, "tags");
  tags.clear();
  if (given == nullptr || given->is_null()) return true;
  if (!given->is_object()) return false;
  for (const auto& item : given->get_object()) {
    if (!item.value().is_string()) return false;
    tags[std::string(item.key())] = view(item.value().get_string());
  }
  return true;
}

json::object tags_object(const std::map<std::string, std::string>& tags) {
  json::object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

json::object system_data(const Stamp& created, const Stamp& modified) {
  return {{"createdBy", created.by},
          {"createdByType", created.type},
          {"createdAt", iso_time(from_unix_seconds(created.at))},
          {"lastModifiedBy", modified.by},
          {"lastModifiedByType", modified.type},
          {"lastModifiedAt", iso_time(from_unix_seconds(modified.at))}};
}

}  // namespace portalkey::sandbox
