#include "provision/survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/arm.h"
#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/percent_encoding.h"
#include "base/visible_text.h"
#include "entra/oauth/access_token.h"
#include "provision/names.h"
#include "provision/permissions.h"
#include "provision/survey_app.h"

namespace portalkey {
namespace {

constexpr int kNamesTried = 5;

bool flag_at(const boost::json::value& json, std::initializer_list<std::string_view> path) {
  const auto* found = find_at(json, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::map<std::string, std::string> tags_of(const boost::json::value& json,
                                           std::initializer_list<std::string_view> path = {"tags"}) {
  std::map<std::string, std::string> out;
  if (const auto* tags = find_at(json, path); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object()) {
      if (value.is_string()) out.emplace(visible_text(key), visible_text(value.get_string()));
    }
  }
  return out;
}

ActualVault read_vault(const boost::json::value& json) {
  ActualVault vault;
  vault.name = text_at(json, {"name"});
  vault.url = Url(raw_text_at(json, {"properties", "vaultUri"})).origin();
  vault.tenant = text_at(json, {"properties", "tenantId"});
  vault.location = text_at(json, {"location"});
  vault.tags = tags_of(json);
  vault.rbac = flag_at(json, {"properties", "enableRbacAuthorization"});
  vault.soft_delete = flag_at(json, {"properties", "enableSoftDelete"});
  vault.purge_protection = flag_at(json, {"properties", "enablePurgeProtection"});
  if (const auto* days = find_at(json, {"properties", "softDeleteRetentionInDays"}); days != nullptr && days->is_int64()) {
    vault.retention_days = static_cast<int>(days->get_int64());
  }
  vault.public_access = !same_ignoring_case(text_at(json, {"properties", "publicNetworkAccess"}), "Disabled");
  vault.deny_by_default = same_ignoring_case(text_at(json, {"properties", "networkAcls", "defaultAction"}), "Deny");
  if (const auto* rules = find_at(json, {"properties", "networkAcls", "ipRules"}); rules != nullptr && rules->is_array()) {
    for (const auto& rule : rules->get_array()) vault.addresses.push_back(text_at(rule, {"value"}));
  }
  if (const auto* nets = find_at(json, {"properties", "networkAcls", "virtualNetworkRules"});
      nets != nullptr && nets->is_array()) {
    for (const auto& rule : nets->get_array()) {
      const auto* without = find_at(rule, {"ignoreMissingVnetServiceEndpoint"});
      vault.virtual_networks.push_back({text_at(rule, {"id"}), without != nullptr && *without == true});
    }
  }
  vault.state = text_at(json, {"properties", "provisioningState"});
  return vault;
}

Error foreign(std::string what) {
  return {Errc::unavailable, std::move(what), "Run the command again; check for a proxy that answers in Azure's place.", {}};
}

/// A place's name goes into paths: `westeurope`, `West Europe`.
bool is_location(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c == ' ' || is_plain_id({&c, 1}); });
}

/// What the answer says of the vault decides where the refresh token goes.
Result<void> check_vault(const ActualVault& vault, const std::string& asked, const Cloud& cloud) {
  if (!same_ignoring_case(vault.name, asked) || !is_location(vault.location))
    return std::unexpected(foreign(fmt::format("Azure's answer about the vault {} is about another one", asked)));
  if (vault.url == fmt::format("https://{}.{}", lower(asked), cloud.vault_suffix)) return {};
  return std::unexpected(foreign(fmt::format(
      "Azure gives the vault {} an address that is not a vault's of the cloud {} and that name", asked, cloud.name)));
}

Result<void> read_providers(const Arm& arm, const Desired& desired, Actual& actual) {
  for (const char* name : {"Microsoft.KeyVault", "Microsoft.Authorization"}) {
    auto reply = arm.call("GET", fmt::format("/subscriptions/{}/providers/{}", desired.subscription, name), kResourcesApi);
    if (!reply) return pass(reply);
    if (!reply->ok()) return std::unexpected(explain(*reply, fmt::format("read the resource provider {}", name)));
    actual.providers[name] = text_at(reply->json, {"registrationState"});
  }
  return {};
}

Result<void> read_group(const Arm& arm, const Desired& desired, Actual& actual) {
  actual.group.reset();
  auto reply = arm.call("GET", group_path(desired.subscription, desired.resource_group), kResourcesApi);
  if (!reply) return pass(reply);
  if (reply->status == 404) return {};
  if (!reply->ok()) return std::unexpected(explain(*reply, "read the resource group"));
  actual.group = ActualGroup{text_at(reply->json, {"location"}), tags_of(reply->json),
                             text_at(reply->json, {"properties", "provisioningState"})};
  return {};
}

/// The vault of that name in the resource group, what holds the name otherwise, or that it is free.
Result<void> look_up_vault(const Arm& arm, const Cloud& cloud, const Desired& desired, const std::string& name,
                           Actual& actual) {
  actual.vault.reset();
  actual.deleted_vault.reset();
  actual.name_refused.clear();
  actual.vault_name = name;
  if (actual.group) {
    auto reply = arm.call("GET", vault_path(desired.subscription, desired.resource_group, name), kVaultsApi);
    if (!reply) return pass(reply);
    if (reply->ok()) {
      actual.vault = read_vault(reply->json);
      if (auto fine = check_vault(*actual.vault, name, cloud); !fine) return fine;
      actual.vault_name = actual.vault->name;
      return {};
    }
    if (reply->status != 404) return std::unexpected(explain(*reply, "read the vault"));
  }
  if (!same_ignoring_case(actual.providers["Microsoft.KeyVault"], "Registered")) return {};  // nothing can be asked yet
  const boost::json::object question{{"name", name}, {"type", "Microsoft.KeyVault/vaults"}};
  auto reply = arm.call(
      "POST", fmt::format("/subscriptions/{}/providers/Microsoft.KeyVault/checkNameAvailability", desired.subscription),
      kVaultsApi, question);
  if (!reply) return pass(reply);
  if (!reply->ok()) return std::unexpected(explain(*reply, "ask whether the vault's name is free"));
  if (flag_at(reply->json, {"nameAvailable"})) return {};
  actual.name_refused = foreign_text(text_at(reply->json, {"message"}));
  if (actual.name_refused.empty()) actual.name_refused = "the name is in use";
  auto deleted = arm.list(fmt::format("/subscriptions/{}/providers/Microsoft.KeyVault/deletedVaults", desired.subscription),
                          kVaultsApi, "list the deleted vaults");
  if (!deleted) return pass(deleted);
  for (const auto& item : *deleted) {
    if (!same_ignoring_case(text_at(item, {"name"}), name)) continue;
    actual.deleted_vault = DeletedVault{text_at(item, {"name"}),
                                        text_at(item, {"properties", "location"}),
                                        text_at(item, {"properties", "vaultId"}),
                                        text_at(item, {"properties", "scheduledPurgeDate"}),
                                        flag_at(item, {"properties", "purgeProtectionEnabled"}),
                                        tags_of(item, {"properties", "tags"})};
    if (!is_location(actual.deleted_vault->location))
      return std::unexpected(foreign(fmt::format("Azure names no location of the deleted vault {}", name)));
  }
  return {};
}

Result<void> read_vault_part(const Arm& arm, const Cloud& cloud, const Desired& desired, Actual& actual) {
  actual.names_passed_over.clear();
  if (!desired.vault.empty()) return look_up_vault(arm, cloud, desired, desired.vault, actual);
  if (actual.group) {  // one that an earlier run made for this profile, under whatever name was free then
    auto vaults = arm.list(group_path(desired.subscription, desired.resource_group) + "/providers/Microsoft.KeyVault/vaults",
                           kVaultsApi, "list the vaults");
    if (!vaults) return pass(vaults);
    for (const auto& item : *vaults) {
      const auto tags = tags_of(item);
      const auto mark = tags.find(std::string(kMark));
      if (mark != tags.end() && mark->second == desired.profile) {
        const auto name = text_at(item, {"name"});
        if (!is_vault_name(name)) return std::unexpected(foreign("Azure's list of vaults names one that cannot be a vault"));
        return look_up_vault(arm, cloud, desired, name, actual);
      }
    }
  }
  for (int attempt = 0; attempt < kNamesTried; ++attempt) {
    const auto name = derived_vault_name(desired.subscription, desired.resource_group, desired.profile, attempt);
    if (auto looked = look_up_vault(arm, cloud, desired, name, actual); !looked) return looked;
    if (actual.name_refused.empty() || (actual.deleted_vault && desired.recover)) return {};
    actual.names_passed_over.push_back(name);
  }
  return {};
}

Result<std::vector<ActualAssignment>> read_assignments(const Arm& arm, const std::string& vault, const std::string& principal) {
  std::vector<ActualAssignment> out;
  auto items = arm.list(vault + "/providers/Microsoft.Authorization/roleAssignments", kRolesApi, "list role assignments",
                        "$filter=" + percent_encode(fmt::format("principalId eq '{}'", principal)));
  if (!items) return pass(items);
  for (const auto& item : *items) {
    if (!same_ignoring_case(text_at(item, {"properties", "principalId"}), principal)) continue;
    out.push_back({text_at(item, {"id"}), text_at(item, {"name"}), text_at(item, {"properties", "scope"}),
                   text_at(item, {"properties", "roleDefinitionId"})});
  }
  return out;
}

Result<void> read_role(const Arm& arm, const Desired& desired, Actual& actual) {
  actual.assignments.clear();
  if (!actual.vault || actual.principal.empty()) return {};
  auto read =
      read_assignments(arm, vault_path(desired.subscription, desired.resource_group, actual.vault->name), actual.principal);
  if (!read) return pass(read);
  actual.assignments = std::move(*read);
  return {};
}

Result<void> read_my_role(const Arm& arm, const Azure& azure, const Desired& desired, Actual& actual) {
  if (!desired.grant_me) return {};
  if (actual.me.empty()) {
    auto token = azure.admin.access_token(azure.cloud.arm_resource(), azure.deadline);
    if (!token) return pass(token);
    auto claims = read_claims(*token);
    if (!claims) return pass(claims);
    actual.me = claims->object_id;
    actual.me_is_person = claims->delegated;
  }
  actual.my_assignments.clear();
  if (!actual.vault) return {};
  auto read = read_assignments(arm, vault_path(desired.subscription, desired.resource_group, actual.vault->name), actual.me);
  if (!read) return pass(read);
  actual.my_assignments = std::move(*read);
  return {};
}

}  // namespace

Result<Subscription> find_subscription(const Azure& azure, std::string_view wanted) {
  const Arm arm(azure);
  auto items = arm.list("/subscriptions", kSubscriptionsApi, "list the subscriptions");
  if (!items) return pass(items);
  std::vector<Subscription> found;
  std::string names;
  for (const auto& item : *items) {
    Subscription one{text_at(item, {"subscriptionId"}), text_at(item, {"displayName"}), text_at(item, {"tenantId"})};
    if (wanted.empty() && !same_ignoring_case(text_at(item, {"state"}), "Enabled")) continue;
    names += fmt::format("{}{} ({})", names.empty() ? "" : ", ", foreign_id(one.id), foreign_text(one.name, 100));
    if (wanted.empty() || same_ignoring_case(wanted, one.id) || same_ignoring_case(wanted, one.name))
      found.push_back(std::move(one));
  }
  if (found.size() == 1) {
    if (auto fine = check_plain_id(found.front().id, "Azure's id of the subscription"); !fine) return pass(fine);
    return found.front();
  }
  if (names.empty()) {
    return fail(Errc::not_found, "the account sees no subscription",
                "Sign in as somebody who has a role in the subscription, and check [[setting|tenant]].");
  }
  return fail(Errc::invalid_input,
              found.empty() ? fmt::format("there is no subscription \"{}\"", wanted) : "there are several subscriptions",
              "Name one with [[setting|subscription]]: " + names + ".");
}

Result<void> read_part(Part part, const Azure& azure, const Desired& desired, Actual& actual) {
  const Arm arm(azure);
  switch (part) {
    case Part::providers: return read_providers(arm, desired, actual);
    case Part::group: return read_group(arm, desired, actual);
    case Part::vault: return read_vault_part(arm, azure.cloud, desired, actual);
    case Part::app: return read_app(azure, desired, actual);
    case Part::principal: return read_principal(azure, actual);
    case Part::credential: return read_credential(azure, desired, actual);
    case Part::role: return read_role(arm, desired, actual);
    case Part::my_role: return read_my_role(arm, azure, desired, actual);
    case Part::permissions: return read_permissions(azure, desired, actual);
  }
  return {};
}

Result<Actual> survey(const Azure& azure, const Desired& desired) {
  Actual actual;
  for (const Part part : {Part::providers, Part::group, Part::vault, Part::app, Part::principal, Part::credential, Part::role,
                          Part::my_role, Part::permissions}) {
    if (auto read = read_part(part, azure, desired, actual); !read) return pass(read);
  }
  return actual;
}

}  // namespace portalkey
