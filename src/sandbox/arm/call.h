#pragma once
// One call of Resource Manager: who calls, for what, and the shapes that all its resources share.

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/entra/access_tokens.h"
#include "sandbox/wire/clouds.h"
#include "sandbox/wire/json.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct ArmCall {
  World& world;
  const SandboxCloud& cloud;
  std::string host;
  std::string method;
  std::vector<std::string> parts;  ///< segments of the path, as spelt
  TextPairs query;
  std::string body;
  AccessClaims caller;
  std::string api_version;
  std::string correlation_id;
  bool within_deployment = false;  ///< nobody polls: operations end at once

  /// Whether segment `index` is that word, letter case ignored.
  bool is(std::size_t index, std::string_view word) const {
    return index < parts.size() && same_ignoring_case(parts[index], word);
  }
  /// Whether the path ends here.
  bool ends(std::size_t size) const { return parts.size() == size; }
  std::string path() const;
  std::optional<std::string> parameter(std::string_view name) const;
  int polls() const { return within_deployment ? 0 : world.options.arm_polls; }
  /// The same caller asks for something else.
  ArmCall other(std::string_view method, std::string_view path, std::string_view api_version, std::string body) const;
  /// `https://{host}{path}?api-version=…`
  std::string link(std::string_view path) const;
  Stamp stamp() const;
};

HttpResponse arm_error(int status, std::string_view code, std::string_view message, json::array details = {});
HttpResponse arm_method_not_allowed(const ArmCall& call);
HttpResponse empty_answer(int status);
/// An answer that says where to ask again, and when.
HttpResponse accepted(const ArmCall& call, std::string_view operation_path);
json::object list_answer(json::array value);
/// 200 with the part of a list that `$top` (1 to 1000) and `$skiptoken` ask for, and the address of the next one.
HttpResponse list_page(const ArmCall& call, json::array value);

/// The call's body; an error if it is not a JSON object.
std::optional<HttpResponse> read_body(const ArmCall& call, json::object& body);

/// nullopt if the caller may and no lock forbids it; else 403 AuthorizationFailed, or 409 ScopeLocked.
std::optional<HttpResponse> require(const ArmCall& call, std::string_view action, std::string_view scope);
/// nullopt if the version is one of `known`; else 400.
std::optional<HttpResponse> require_version(const ArmCall& call, std::span<const std::string_view> known, std::string_view type,
                                            std::string_view location = "westeurope");

/// The resource id that the segments before `at` make.
std::string scope_before(const ArmCall& call, std::size_t at);
/// nullopt if the scope before `at` is there. A secret need not be: a right may be given before the secret is written.
std::optional<HttpResponse> require_scope(const ArmCall& call, std::size_t at);

/// The group; nullptr if there is none, or it is gone by now.
ResourceGroup* find_group(World& world, std::string_view name);
HttpResponse group_not_found(std::string_view name);
HttpResponse resource_not_found(std::string_view type, std::string_view name, std::string_view group);
/// nullopt if the provider is registered; else 409 MissingSubscriptionRegistration.
std::optional<HttpResponse> require_registered(const World& world, std::string_view provider);

/// Begins an operation that ends with this answer; its id. `target`: see ArmOperation.
std::string begin_operation(const ArmCall& call, int status, std::string body, std::string target = {});

std::string percent_free_location(std::string_view location);  ///< `West Europe` -> `westeurope`
bool is_location(const ArmCall& call, std::string_view location);
std::string location_names(const ArmCall& call);

/// `tags` of a body. False if they are not an object of strings.
bool read_tags(const json::object& body, std::map<std::string, std::string>& tags);
json::object tags_object(const std::map<std::string, std::string>& tags);
json::object system_data(const Stamp& created, const Stamp& modified);

/// Any path, once authenticated: what deployments use for their resources too.
HttpResponse arm_dispatch(ArmCall& call);

// The parts. `at` is the index of the first segment that is theirs.
HttpResponse arm_subscriptions(ArmCall& call);                      ///< /subscriptions, /subscriptions/{s}, locations
HttpResponse arm_tenants(ArmCall& call);                            ///< /tenants
HttpResponse arm_providers(ArmCall& call);                          ///< /subscriptions/{s}/providers[/{ns}[/register]]
HttpResponse arm_resource_groups(ArmCall& call);                    ///< /subscriptions/{s}/resourcegroups[/{rg}]
HttpResponse arm_resources(ArmCall& call, std::string_view group);  ///< …/resources
HttpResponse arm_vaults(ArmCall& call, std::string_view group);     ///< …/providers/Microsoft.KeyVault/vaults of a group
HttpResponse arm_key_vault(ArmCall& call);                          ///< /subscriptions/{s}/providers/Microsoft.KeyVault/…
HttpResponse arm_authorization(ArmCall& call, std::size_t at);      ///< {scope}/providers/Microsoft.Authorization/…
HttpResponse arm_locks(ArmCall& call, std::size_t at);              ///< {scope}/providers/Microsoft.Authorization/locks/…
HttpResponse arm_tags(ArmCall& call, std::size_t at);               ///< {scope}/providers/Microsoft.Resources/tags/default
HttpResponse arm_diagnostic_settings(ArmCall& call,
                                     std::size_t at);         ///< {scope}/providers/Microsoft.Insights/diagnosticSettings…
HttpResponse arm_virtual_networks(ArmCall& call);             ///< …/providers/Microsoft.Network/virtualNetworks of a group
HttpResponse arm_deployments(ArmCall& call, std::size_t at);  ///< {scope}/providers/Microsoft.Resources/deployments/…
HttpResponse arm_deployment_operations(ArmCall& call, std::size_t at);  ///< {scope}/deployments/{d}/operations
HttpResponse arm_operation(ArmCall& call);                              ///< …/operationResults/{id}

/// Soft-deletes every vault of a group, and forgets its deployments and role assignments.
void remove_group(World& world, const std::string& key);
void forget_assignments(World& world, std::string_view scope);

extern const std::span<const std::string_view> kVaultVersions;
extern const std::span<const std::string_view> kAuthorizationVersions;
extern const std::span<const std::string_view> kResourcesVersions;

}  // namespace portalkey::sandbox
