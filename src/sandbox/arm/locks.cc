#include "sandbox/arm/locks.h"

#include <algorithm>
#include <string>

#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kLockVersions[] = {"2020-05-01", "2017-04-01", "2016-09-01", "2015-01-01"};
constexpr std::string_view kLockType = "Microsoft.Authorization/locks";
constexpr std::size_t kMostNotes = 512;

json::object lock_json(const ResourceLock& lock) {
  json::object properties{{"level", lock.read_only ? "ReadOnly" : "CanNotDelete"}};
  if (!lock.notes.empty()) properties["notes"] = lock.notes;
  return {{"properties", std::move(properties)},
          {"id", lock.scope + "/providers/" + std::string(kLockType) + '/' + lock.name},
          {"type", kLockType},
          {"name", lock.name}};
}

HttpResponse put_lock(ArmCall& call, const std::string& scope, const std::string& name) {
  json::object body;
  if (auto refused = read_body(call, body)) return *refused;
  const auto* properties = member(body, "properties");
  const auto level =
      properties != nullptr && properties->is_object() ? string_member(properties->get_object(), "level") : std::nullopt;
  const bool read_only = level && same_ignoring_case(*level, "ReadOnly");
  if (!read_only && (!level || !same_ignoring_case(*level, "CanNotDelete"))) {
    return arm_error(400, "InvalidRequestContent",
                     "The request content was invalid: properties.level must be 'CanNotDelete' or 'ReadOnly'.");
  }
  ResourceLock lock{scope, name, read_only, string_member(properties->get_object(), "notes").value_or("")};
  if (lock.notes.size() > kMostNotes) {
    return arm_error(400, "InvalidRequestContent",
                     "The request content was invalid: properties.notes has at most 512 characters.");
  }
  auto& all = call.world.state.azure.locks;
  const auto [place, made] = all.insert_or_assign(lower(scope + '/' + name), std::move(lock));
  call.world.touch();
  return json_answer(made ? 201 : 200, lock_json(place->second));
}

}  // namespace

std::optional<HttpResponse> lock_refuses(const World& world, std::string_view action, std::string_view scope) {
  const std::string low = lower(action);
  const bool deletes = low.ends_with("/delete");
  if ((!deletes && !low.ends_with("/write")) || low.starts_with(lower(kLockType))) return std::nullopt;
  std::string locked;
  for (const auto& [key, lock] : world.state.azure.locks) {
    const bool covers = lies_within(scope, lock.scope) || (deletes && lies_within(lock.scope, scope));
    if (!covers || (!deletes && !lock.read_only)) continue;
    locked += (locked.empty() ? "'" : ", '") + lock.scope + '\'';
  }
  if (locked.empty()) return std::nullopt;
  return arm_error(409, "ScopeLocked",
                   "The scope '" + std::string(scope) + "' cannot perform " + (deletes ? "delete" : "write") +
                       " operation because following scope(s) are locked: " + locked +
                       ". Please remove the lock and try again.");
}

HttpResponse arm_locks(ArmCall& call, std::size_t at) {
  if (auto refused = require_version(call, kLockVersions, "locks")) return *refused;
  const std::string scope = scope_before(call, at);
  const bool reads = call.method == "GET";
  if (!reads && call.method != "PUT" && call.method != "DELETE") return arm_method_not_allowed(call);
  const std::string action = std::string(kLockType) + (reads ? "/read" : call.method == "DELETE" ? "/delete" : "/write");
  if (auto refused = require(call, action, scope)) return *refused;
  if (auto refused = require_scope(call, at)) return *refused;
  auto& all = call.world.state.azure.locks;
  if (call.ends(at + 3)) {
    if (!reads) return arm_method_not_allowed(call);
    const bool exactly = same_ignoring_case(trimmed(call.parameter("$filter").value_or("")), "atScope()");
    json::array list;
    for (const auto& [key, lock] : all) {
      if (exactly ? same_ignoring_case(lock.scope, scope) : lies_within(lock.scope, scope)) list.emplace_back(lock_json(lock));
    }
    return list_page(call, std::move(list));
  }
  if (!call.ends(at + 4)) return arm_method_not_allowed(call);
  const std::string& name = call.parts[at + 3];
  if (call.method == "PUT") return put_lock(call, scope, name);
  const auto found = all.find(lower(scope + '/' + name));
  if (call.method == "DELETE") {
    if (found == all.end()) return empty_answer(204);
    all.erase(found);
    call.world.touch();
    return empty_answer(200);
  }
  if (found == all.end()) return arm_error(404, "LockNotFound", "The lock '" + name + "' could not be found.");
  return json_answer(200, lock_json(found->second));
}

}  // namespace portalkey::sandbox
