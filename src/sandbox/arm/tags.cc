// {scope}/providers/Microsoft.Resources/tags/default: the tags of a subscription, a group or a vault.
// Source: learn.microsoft.com/rest/api/resources/tags.

#include <algorithm>

#include "sandbox/arm/call.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

using Tags = std::map<std::string, std::string>;

constexpr std::size_t kMostTags = 50, kLongestName = 512, kLongestValue = 256;

HttpResponse invalid_content(std::string_view what) {
  return arm_error(400, "InvalidRequestContent", "The request content was invalid: " + std::string(what));
}

/// Names of tags are the same whatever their letters' case.
Tags::iterator named(Tags& tags, std::string_view name) {
  return std::ranges::find_if(tags, [&](const auto& tag) { return same_ignoring_case(tag.first, name); });
}

/// The tags of the scope; nullptr for one that has none here.
Tags* tags_of(ArmCall& call, std::size_t at) {
  auto& azure = call.world.state.azure;
  if (at == 2) return &azure.tags;
  auto* group = call.is(2, "resourcegroups") && at >= 4 ? find_group(call.world, call.parts[3]) : nullptr;
  if (group == nullptr || at == 4) return group == nullptr ? nullptr : &group->tags;
  if (at != 8 || !call.is(4, "providers") || !call.is(5, "Microsoft.KeyVault") || !call.is(6, "vaults")) return nullptr;
  const auto vault = azure.vaults.find(lower(call.parts[7]));
  return vault == azure.vaults.end() ? nullptr : &vault->second.tags;
}

HttpResponse answer_with(const std::string& scope, const Tags& tags) {
  return json_answer(200, {{"id", scope + "/providers/Microsoft.Resources/tags/default"},
                           {"name", "default"},
                           {"type", "Microsoft.Resources/tags"},
                           {"properties", {{"tags", tags_object(tags)}}}});
}

/// The tags in `properties` of a body, and for PATCH what to do with them.
std::optional<HttpResponse> read_change(const ArmCall& call, Tags& given, std::string& operation) {
  json::object body;
  if (auto refused = read_body(call, body)) return refused;
  const auto* properties = member(body, "properties");
  if (properties == nullptr || !properties->is_object() || member(properties->get_object(), "tags") == nullptr) {
    return invalid_content("properties.tags is missing.");
  }
  if (!read_tags(properties->get_object(), given)) return invalid_content("the tags must be an object of strings.");
  operation = call.method == "PATCH" ? string_member(body, "operation").value_or("") : "Replace";
  for (const std::string_view known : {"Merge", "Replace", "Delete"}) {
    if (same_ignoring_case(operation, known)) return std::nullopt;
  }
  return invalid_content("operation must be Merge, Replace or Delete.");
}

}  // namespace

HttpResponse arm_tags(ArmCall& call, std::size_t at) {
  if (auto refused = require_version(call, kResourcesVersions, "tags")) return *refused;
  const std::string scope = scope_before(call, at);
  const bool reads = call.method == "GET";
  if (!call.ends(at + 4) || !call.is(at + 3, "default") ||
      (!reads && call.method != "PUT" && call.method != "PATCH" && call.method != "DELETE")) {
    return arm_method_not_allowed(call);
  }
  const std::string_view verb = reads ? "read" : call.method == "DELETE" ? "delete" : "write";
  if (auto refused = require(call, "Microsoft.Resources/tags/" + std::string(verb), scope)) return *refused;
  if (auto refused = require_scope(call, at)) return *refused;
  Tags* tags = tags_of(call, at);
  if (tags == nullptr) return arm_error(404, "InvalidResourceType", "The sandbox keeps no tags at '" + scope + "'.");
  if (reads) return answer_with(scope, *tags);
  Tags changed, given;
  std::string operation = "Replace";
  if (call.method != "DELETE") {
    if (auto refused = read_change(call, given, operation)) return *refused;
  }
  if (!same_ignoring_case(operation, "Replace")) changed = *tags;
  for (const auto& [name, value] : given) {
    const auto known = named(changed, name);
    const bool removes = same_ignoring_case(operation, "Delete");
    // A deletion names the tag with its value.
    if (known != changed.end() && (!removes || known->second == value)) changed.erase(known);
    if (!removes) changed[name] = value;
    if (name.empty() || name.size() > kLongestName) return invalid_content("the name of a tag has 1 to 512 characters.");
    if (value.size() > kLongestValue) return invalid_content("the value of a tag has at most 256 characters.");
  }
  if (changed.size() > kMostTags) return invalid_content("a resource has at most 50 tags.");
  *tags = std::move(changed);
  call.world.touch();
  return call.method == "DELETE" ? empty_answer(200) : answer_with(scope, *tags);
}

}  // namespace portalkey::sandbox
