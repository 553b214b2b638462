#include "provision/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/ascii.h"
#include "base/time_text.h"
#include "provision/names.h"
#include "provision/permissions.h"
#include "provision/plan_app.h"

namespace portalkey {
namespace {

Step plan_providers(const Actual& actual) {
  Step step{Part::providers, "resource providers", Step::State::exists, {}, "registered in the subscription"};
  for (const auto& [name, state] : actual.providers) {
    if (same_ignoring_case(state, "Registered")) continue;
    step.state = Step::State::change;
    step.changes.push_back({name, state, "Registered"});
    step.why = "without it the subscription refuses the resources";
  }
  return step;
}

void tag_changes(const std::map<std::string, std::string>& wanted, const std::map<std::string, std::string>& there,
                 Step& step) {
  for (const auto& [key, value] : wanted) {
    const auto found = there.find(key);
    if (found != there.end() && found->second == value) continue;
    step.changes.push_back({"tags." + key, found == there.end() ? "" : found->second, value});
  }
}

void settle(Step& step, std::string why) {
  if (step.state == Step::State::cannot || step.changes.empty()) return;
  step.state = Step::State::change;
  step.why = std::move(why);
}

Step plan_group(const Desired& desired, const Actual& actual) {
  Step step{Part::group, "resource group " + desired.resource_group, Step::State::exists, {}, ""};
  if (!actual.group) {
    if (desired.location.empty()) {
      step.state = Step::State::cannot;
      step.why = "it does not exist, and nothing says where to make it: add [[setting|location]], e.g. westeurope";
      return step;
    }
    step.state = Step::State::create;
    step.why = "it does not exist";
    step.changes.push_back({"location", "", desired.location});
    return step;
  }
  if (same_ignoring_case(actual.group->state, "Deleting")) {
    step.state = Step::State::cannot;
    step.why = "it is being deleted: wait until it is gone";
    return step;
  }
  step.why = "in " + actual.group->location;
  tag_changes(desired.tags, actual.group->tags, step);
  settle(step, "tags differ");
  return step;
}

std::string network_text(const ActualVault& vault) {
  if (!vault.public_access) return "closed";
  if (!vault.deny_by_default) return "open";
  return vault.addresses.empty() ? "restricted" : fmt::format("{}", fmt::join(vault.addresses, ", "));
}

std::string network_text(const Desired& desired) {
  switch (desired.network.value_or(Network::open)) {
    case Network::open: return "open";
    case Network::closed: return "closed";
    case Network::restricted: return fmt::format("{}", fmt::join(desired.allowed_addresses, ", "));
  }
  return {};
}

/// `203.0.113.5` is stored as `203.0.113.5/32`.
std::set<std::string> as_ranges(const std::vector<std::string>& addresses) {
  std::set<std::string> out;
  for (const auto& address : addresses) out.insert(address.find('/') == std::string::npos ? address + "/32" : address);
  return out;
}

bool network_fits(const Desired& desired, const ActualVault& vault) {
  switch (*desired.network) {
    case Network::open: return vault.public_access && !vault.deny_by_default;
    case Network::closed: return !vault.public_access;
    case Network::restricted:
      return vault.public_access && vault.deny_by_default && as_ranges(vault.addresses) == as_ranges(desired.allowed_addresses);
  }
  return false;
}

void cannot(Step& step, Change change, std::string_view why) {
  step.state = Step::State::cannot;
  step.why += fmt::format("{}{}", step.why.empty() ? "" : "; ", why);
  step.changes.push_back(std::move(change));
}

Step plan_new_vault(const Desired& desired, const Actual& actual, Step step) {
  const std::string location = !desired.location.empty() ? desired.location : actual.group ? actual.group->location : "";
  if (!actual.name_refused.empty()) {
    if (actual.deleted_vault && desired.recover) {
      const auto group = group_path(desired.subscription, desired.resource_group);
      if (!lower(actual.deleted_vault->id).starts_with(lower(group) + "/")) {
        step.state = Step::State::cannot;
        step.why = fmt::format("the deleted vault belongs to another resource group ({})", actual.deleted_vault->id);
        return step;
      }
      step.state = Step::State::create;
      step.why = "a deleted vault of that name is recovered, with the secrets it held";
      return step;
    }
    step.state = Step::State::cannot;
    step.why = actual.deleted_vault ? fmt::format(
                                          "a deleted vault holds the name until {}: add [[setting|recover]] to bring it back, "
                                          "or choose another [[setting|vault]]",
                                          actual.deleted_vault->purge_date)
                                    : fmt::format("{} Choose another [[setting|vault]], or leave it out.", actual.name_refused);
    return step;
  }
  step.state = Step::State::create;
  step.why = actual.names_passed_over.empty()
                 ? "it does not exist"
                 : fmt::format("it does not exist ({} taken)", fmt::join(actual.names_passed_over, ", "));
  step.changes = {{"location", "", location},
                  {"permissions", "", "Azure role assignments (RBAC)"},
                  {"soft delete", "", fmt::format("{} days", desired.retention_days.value_or(90))},
                  {"purge protection", "", desired.purge_protection.value_or(true) ? "on" : "off"},
                  {"network", "", network_text(desired)}};
  return step;
}

Step plan_vault(const Desired& desired, const Actual& actual) {
  Step step{Part::vault, "key vault " + actual.vault_name, Step::State::exists, {}, ""};
  if (!actual.vault) return plan_new_vault(desired, actual, std::move(step));
  const ActualVault& vault = *actual.vault;
  if (!vault.tenant.empty() && !desired.tenant.empty() && !same_ignoring_case(vault.tenant, desired.tenant)) {
    cannot(step, {"tenant", vault.tenant, desired.tenant}, "the vault belongs to another tenant");
  }
  if (!desired.location.empty() && !same_ignoring_case(vault.location, desired.location)) {
    cannot(step, {"location", vault.location, desired.location},
           "a vault cannot move: leave [[setting|location]] out, or choose another [[setting|vault]]");
  }
  if (desired.retention_days && vault.soft_delete && vault.retention_days && *vault.retention_days != *desired.retention_days) {
    cannot(step,
           {"soft delete", fmt::format("{} days", *vault.retention_days), fmt::format("{} days", *desired.retention_days)},
           "the retention was fixed when the vault was made: leave [[setting|retention-days]] out");
  }
  if (desired.purge_protection == false && vault.purge_protection) {
    cannot(step, {"purge protection", "on", "off"},
           "purge protection can never be switched off: leave [[setting|no-purge-protection]] out");
  }
  std::vector<std::string> reasons;
  const auto change = [&](Change one, std::string reason) {
    step.changes.push_back(std::move(one));
    reasons.push_back(std::move(reason));
  };
  if (!vault.rbac && !is_marked(vault.tags, desired)) {
    cannot(
        step, {"permissions", "access policies", "Azure role assignments (RBAC)"},
        fmt::format("the vault is not this profile's, and whoever uses it by its access policies would be locked out: choose "
                    "another --vault, or replace the policies by role assignments and run az keyvault update --name {} "
                    "--enable-rbac-authorization true",
                    vault.name));
  } else if (!vault.rbac) {
    change({"permissions", "access policies", "Azure role assignments (RBAC)"},
           "role assignments have no effect otherwise; whoever got in by an access policy needs a role from then on");
  }
  if (!vault.soft_delete) change({"soft delete", "off", "on"}, "a deleted refresh token could not be recovered");
  if (desired.purge_protection == true && !vault.purge_protection) {
    change({"purge protection", "off", "on"}, "asked for; it can never be switched off again");
  }
  if (desired.network && !network_fits(desired, vault)) {
    change({"network", network_text(vault), network_text(desired)}, "asked for");
  }
  const auto before = step.changes.size();
  tag_changes(desired.tags, vault.tags, step);
  if (step.changes.size() != before) reasons.emplace_back("tags differ");
  settle(step, fmt::format("{}", fmt::join(reasons, "; ")));
  if (step.state == Step::State::exists) step.why = fmt::format("{} in {}", vault.url, vault.location);
  return step;
}

/// The assignment that already gives the role on `scope`, itself or from above.
const ActualAssignment* covering(const std::vector<ActualAssignment>& assignments, std::string_view scope) {
  const auto found = std::ranges::find_if(assignments, [&](const ActualAssignment& one) {
    if (!lower(one.role_definition).ends_with(kSecretsOfficerRole)) return false;
    const std::string at = lower(one.scope), wanted = lower(scope);
    return at == "/" || wanted == at || wanted.starts_with(at + "/");
  });
  return found == assignments.end() ? nullptr : &*found;
}

Step plan_assignment(Part part, std::string whose, const std::string& scope, const std::vector<ActualAssignment>& assignments) {
  Step step{part, fmt::format("role Key Vault Secrets Officer of {}", whose), Step::State::exists, {}, ""};
  if (const auto* found = covering(assignments, scope)) {
    step.why = same_ignoring_case(found->scope, scope) ? "on " + scope : "inherited from " + found->scope;
    return step;
  }
  step.state = Step::State::create;
  step.changes.push_back({"scope", "", scope});
  return step;
}

}  // namespace

std::string role_scope_path(const Desired& desired, const Actual& actual) {
  const auto vault = vault_path(desired.subscription, desired.resource_group, actual.vault_name);
  return desired.role_scope == RoleScope::vault ? vault : vault + "/secrets/" + desired.secret_name;
}

std::map<std::string, std::string> desired_tags(const Desired& desired) {
  auto tags = desired.tags;
  tags.emplace(kMark, desired.profile);
  return tags;
}

bool is_marked(const std::map<std::string, std::string>& tags, const Desired& desired) {
  const auto mark = tags.find(std::string(kMark));
  return mark != tags.end() && mark->second == desired.profile;
}

std::size_t Plan::changes() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      steps, [](const Step& step) { return step.state == Step::State::create || step.state == Step::State::change; }));
}
std::size_t Plan::blocked() const {
  return static_cast<std::size_t>(std::ranges::count(steps, Step::State::cannot, &Step::state));
}

std::string_view name_of(Step::State state) {
  switch (state) {
    case Step::State::exists: return "exists";
    case Step::State::create: return "create";
    case Step::State::change: return "change";
    case Step::State::cannot: return "cannot";
  }
  return "";
}

std::string_view name_of(Part part) {
  switch (part) {
    case Part::providers: return "providers";
    case Part::group: return "group";
    case Part::vault: return "vault";
    case Part::app: return "app";
    case Part::principal: return "principal";
    case Part::credential: return "credential";
    case Part::role: return "role";
    case Part::my_role: return "my-role";
    case Part::permissions: return "permissions";
  }
  return "";
}

Step plan_step(Part part, const Desired& desired, const Actual& actual, WallTime now) {
  switch (part) {
    case Part::providers: return plan_providers(actual);
    case Part::group: return plan_group(desired, actual);
    case Part::vault: return plan_vault(desired, actual);
    case Part::app: return plan_app(desired, actual);
    case Part::principal: return plan_principal(actual);
    case Part::credential: return plan_credential(desired, actual, now);
    case Part::role: {
      auto step = plan_assignment(part, "the app", role_scope_path(desired, actual), actual.assignments);
      if (step.state == Step::State::create) step.why = "the app may not read and write the refresh token without it";
      return step;
    }
    case Part::my_role: {
      auto step =
          plan_assignment(part, "whoever runs this",
                          vault_path(desired.subscription, desired.resource_group, actual.vault_name), actual.my_assignments);
      if (step.state == Step::State::create) step.why = "asked for with [[setting|grant-me]]";
      return step;
    }
    case Part::permissions: return plan_permissions(actual);
  }
  return {};
}

Plan make_plan(const Desired& desired, const Actual& actual, WallTime now) {
  Plan plan;
  for (const Part part :
       {Part::providers, Part::group, Part::vault, Part::app, Part::principal, Part::credential, Part::role}) {
    plan.steps.push_back(plan_step(part, desired, actual, now));
  }
  if (desired.grant_me) plan.steps.push_back(plan_step(Part::my_role, desired, actual, now));
  if (desired.graph) plan.steps.push_back(plan_step(Part::permissions, desired, actual, now));

  const bool open = desired.network ? *desired.network == Network::open
                                    : !actual.vault || (actual.vault->public_access && !actual.vault->deny_by_default);
  if (open) {
    plan.warnings.emplace_back(
        "every address may reach the vault (a token is still needed): [[setting|allow-ip|ADDRESS]] admits only those you name, "
        "[[setting|network]] "
        "closed only private endpoints");
  }
  if (actual.vault && desired.network == Network::restricted && !actual.vault->virtual_networks.empty()) {
    plan.warnings.push_back(
        fmt::format("virtual network rules of the vault stay as they are: {}", actual.vault->virtual_networks.size()));
  }
  if (desired.network == Network::closed) {
    plan.warnings.emplace_back(
        "with [[setting|network|closed]] this machine reaches the vault only through a private endpoint, which portalkey does "
        "not make");
  }
  if (!actual.vault && !desired.purge_protection.value_or(true)) {
    plan.warnings.emplace_back("without purge protection whoever may purge can destroy the refresh token for good");
  }
  return plan;
}

}  // namespace portalkey
