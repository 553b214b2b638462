#include "provision/destroy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "azure/arm.h"
#include "azure/graph.h"
#include "base/ascii.h"
#include "provision/names.h"
#include "provision/permissions.h"

namespace portalkey {
namespace {

std::string deleted_vault_path(const Desired& desired, const std::string& location, const std::string& name) {
  return fmt::format("/subscriptions/{}/providers/Microsoft.KeyVault/locations/{}/deletedVaults/{}", desired.subscription,
                     location, name);
}

Error purge_refused(const std::string& vault, const std::string& until) {
  return {Errc::conflict,
          fmt::format("the vault {} cannot be purged: purge protection keeps what is deleted {}", vault,
                      until.empty() ? "until its retention is over" : "until " + until),
          "Leave [[setting|purge]] out: the vault is deleted, and Azure purges it by itself. Its name is free again then.",
          {}};
}

/// Whether nothing but the vault that goes too is in the group.
Result<std::vector<std::string>> others_in_group(const Arm& arm, const Desired& desired, const std::string& vault) {
  auto items = arm.list(group_path(desired.subscription, desired.resource_group) + "/resources", kResourcesApi,
                        "list what is in the resource group");
  if (!items) return pass(items);
  std::vector<std::string> others;
  for (const auto& item : *items) {
    if (vault.empty() || !same_ignoring_case(text_at(item, {"id"}), vault)) others.push_back(text_at(item, {"name"}));
  }
  return others;
}

}  // namespace

Result<DestroyPlan> plan_destroy(const Azure& azure, const Desired& desired, const Actual& actual, bool purge) {
  const Arm arm(azure);
  DestroyPlan plan;
  const bool vault_goes = actual.vault && is_marked(actual.vault->tags, desired);
  const auto foreign = foreign_credentials(desired, actual);
  const bool app_goes = actual.app && actual.app->marked && foreign.empty();
  const auto vault =
      actual.vault ? vault_path(desired.subscription, desired.resource_group, actual.vault->name) : std::string();
  for (const auto* list : {&actual.assignments, &actual.my_assignments}) {
    for (const auto& one : *list) {
      if (!actual.vault || !lower(one.scope + "/").starts_with(lower(vault) + "/") ||
          !lower(one.role_definition).ends_with(kSecretsOfficerRole))
        continue;
      const bool of_app = list == &actual.assignments;
      if (of_app ? !app_goes : one.name != role_assignment_name(one.scope, actual.me, kSecretsOfficerRole)) continue;
      if (auto fine = check_plain_id(one.name, "Azure's name of a role assignment"); !fine) return pass(fine);
      // Not the id that the answer gives: it could be anything's.
      plan.removals.push_back({Removal::Kind::role, fmt::format("role assignment on {}", one.scope),
                               fmt::format("{}/providers/Microsoft.Authorization/roleAssignments/{}", one.scope, one.name)});
    }
  }
  // With the app go its permissions; of one that stays, those that apply granted.
  for (const auto& id : app_goes ? std::vector<std::string>() : permission_assignments(actual)) {
    if (std::ranges::find(desired.graph_grants, id) == desired.graph_grants.end()) continue;
    plan.removals.push_back({Removal::Kind::permission,
                             fmt::format("permission in Microsoft Graph of the app {}", actual.app->app_id),
                             fmt::format("/servicePrincipals/{}/appRoleAssignments/{}", actual.principal, id)});
  }
  if (app_goes) {
    plan.removals.push_back({Removal::Kind::app,
                             fmt::format("app registration {} ({}), its service principal, credentials and permissions",
                                         actual.app->name, actual.app->app_id),
                             "/applications/" + actual.app->object_id});
  } else if (actual.app && actual.app->marked) {
    plan.kept.push_back(fmt::format("app registration {} ({}): something else uses it: {}", actual.app->name,
                                    actual.app->app_id, fmt::join(foreign, ", ")));
  } else if (actual.app) {
    plan.kept.push_back(fmt::format("app registration {}: portalkey did not make it", actual.app->name));
  }
  for (const auto& id : actual.unmarked_apps) {
    if (!actual.app)
      plan.kept.push_back(
          fmt::format("app registration {}: this installation did not record it; name it with [[setting|app-id]]", id));
  }
  for (const auto& id : actual.rival_apps)
    plan.kept.push_back(fmt::format("app registration {}: there are several; choose with [[setting|app-id]]", id));
  if (vault_goes) {
    if (purge && actual.vault->purge_protection) return std::unexpected(purge_refused(actual.vault->name, ""));
    plan.removals.push_back({Removal::Kind::vault,
                             fmt::format("key vault {} with all its secrets (it can be recovered for {} days)",
                                         actual.vault->name, actual.vault->retention_days.value_or(90)),
                             vault});
    if (purge) {
      plan.removals.push_back({Removal::Kind::purge,
                               fmt::format("key vault {}, for good: nothing can recover it", actual.vault->name),
                               deleted_vault_path(desired, actual.vault->location, actual.vault->name)});
    }
  } else if (actual.vault) {
    plan.kept.push_back(fmt::format("key vault {}: portalkey did not make it for this profile", actual.vault->name));
  } else if (actual.deleted_vault && purge && !is_marked(actual.deleted_vault->tags, desired)) {
    plan.kept.push_back(
        fmt::format("deleted key vault {}: portalkey did not make it for this profile", actual.deleted_vault->name));
  } else if (actual.deleted_vault && purge) {  // an earlier run deleted it
    if (actual.deleted_vault->purge_protection)
      return std::unexpected(purge_refused(actual.deleted_vault->name, actual.deleted_vault->purge_date));
    plan.removals.push_back({Removal::Kind::purge,
                             fmt::format("key vault {}, for good: nothing can recover it", actual.deleted_vault->name),
                             deleted_vault_path(desired, actual.deleted_vault->location, actual.deleted_vault->name)});
  }
  if (actual.group && is_marked(actual.group->tags, desired)) {
    auto others = others_in_group(arm, desired, vault_goes ? vault : "");
    if (!others) return pass(others);
    if (others->empty()) {
      plan.removals.push_back({Removal::Kind::group, "resource group " + desired.resource_group,
                               group_path(desired.subscription, desired.resource_group)});
    } else {
      plan.kept.push_back(
          fmt::format("resource group {}: it holds something else ({})", desired.resource_group, others->front()));
    }
  } else if (actual.group) {
    plan.kept.push_back(fmt::format("resource group {}: portalkey did not make it for this profile", desired.resource_group));
  }
  return plan;
}

Result<void> carry_out(const Azure& azure, const Desired& desired, const Actual& actual, const Removal& removal) {
  const Arm arm(azure);
  const std::string doing = "delete the " + removal.what;
  const auto settle = [&](const Result<Reply>& reply, std::string_view api) -> Result<void> {
    if (!reply) return std::unexpected(reply.error());
    if (reply->status == 404) return {};
    return arm.finish(*reply, removal.path, api, doing);
  };
  switch (removal.kind) {
    case Removal::Kind::role: return settle(arm.call("DELETE", removal.path, kRolesApi), kRolesApi);
    case Removal::Kind::vault: return settle(arm.call("DELETE", removal.path, kVaultsApi), kVaultsApi);
    case Removal::Kind::purge: return settle(arm.call("POST", removal.path + "/purge", kVaultsApi), kVaultsApi);
    case Removal::Kind::group: {
      const auto vault =
          actual.vault ? vault_path(desired.subscription, desired.resource_group, actual.vault->name) : std::string();
      auto others = others_in_group(arm, desired, vault);  // deleting a group deletes what somebody put there since
      if (!others) return pass(others);
      if (!others->empty())
        return fail(Errc::conflict, "the resource group is no longer empty", "Run the command again; it stays then.");
      return settle(arm.call("DELETE", removal.path, kResourcesApi), kResourcesApi);
    }
    case Removal::Kind::permission:
    case Removal::Kind::app: {
      const Graph graph(azure);
      auto reply = graph.call("DELETE", removal.path);
      if (!reply) return pass(reply);
      if (!reply->ok() && reply->status != 404) return std::unexpected(explain(*reply, doing));
      return {};
    }
  }
  return {};
}

}  // namespace portalkey
