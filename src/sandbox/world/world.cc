#include "sandbox/world/world.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/files.h"
#include "sandbox/world/first_party.h"
#include "sandbox/world/managed_identities.h"
#include "sandbox/world/rbac.h"

namespace portalkey::sandbox {
namespace {

constexpr std::string_view kUpnCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.-_!#^~@";  // what Entra allows in a UPN

/// The same account has the same object id in every run with that seed, whatever came before.
std::uint64_t id_seed(std::uint64_t seed, std::string_view text) {
  std::uint64_t hash = 14695981039346656037u ^ (seed * 0x9e3779b97f4a7c15u);  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

std::string display_name_of(std::string_view upn) {
  std::string name;
  bool begin = true;
  for (const char c : upn.substr(0, upn.find('@'))) {
    if (c == '.' || c == '_' || c == '-') {
      name += ' ';
      begin = true;
    } else {
      name += begin ? to_upper(c) : c;
      begin = false;
    }
  }
  return name;
}

/// Whether a tenant where everybody exists has this account.
bool exists_on_demand(std::string_view upn) {
  const auto at = upn.find('@');
  if (at == 0 || at == std::string_view::npos || upn.rfind('@') != at || upn.size() > 113) return false;
  if (upn.find_first_not_of(kUpnCharacters) != std::string_view::npos) return false;
  const std::string local = lower(upn.substr(0, at));
  const std::string domain = lower(upn.substr(at + 1));
  if (domain != kDomain && domain != kInitialDomain) return false;
  return !local.starts_with("left.") && !local.starts_with("nobody");
}

/// The vault that a tenant has on its first day, in a group of its own.
void make_first_vault(State& state, const SandboxOptions& options, std::string_view app, std::string_view admin) {
  state.azure.providers["microsoft.keyvault"] = {"Registered", 0};
  ResourceGroup group;
  group.name = kFirstResourceGroup;
  group.location = "westeurope";
  state.azure.resource_groups[std::string(kFirstResourceGroup)] = std::move(group);
  Vault vault;
  vault.name = options.vault_name;
  vault.resource_group = kFirstResourceGroup;
  vault.location = "westeurope";
  vault.tenant_id = state.tenant_id;
  vault.created = vault.modified = {std::string(kAdminAccount), "User", 0};
  const std::string scope = vault_scope(state, vault);
  state.azure.vaults[lower(options.vault_name)] = std::move(vault);
  assign_role(state, app, "ServicePrincipal", kSecretsOfficer, scope);
  assign_role(state, admin, "User", kSecretsOfficer, scope);
  assign_role(state, find_managed_identity(state, false)->object_id, "ServicePrincipal", kSecretsOfficer, scope);
  assign_role(state, find_managed_identity(state, true)->object_id, "ServicePrincipal", kSecretsUser, scope);
}

}  // namespace

World::World(SandboxOptions options_in, const Clock& real, State state_in, SigningKey signing_in)
    : options(std::move(options_in)),
      clock(real),
      generated(options.seed, options.generated_users),
      state(std::move(state_in)),
      signing(std::move(signing_in)),
      random(id_seed(options.seed, "run") + state.runs),
      faults(id_seed(options.seed, "faults")),
      activations(static_cast<std::size_t>(std::max(0, options.activation_limit)), options.activation_window.count()) {
  clock.set_offset(std::chrono::seconds(state.clock_offset));
}

State fresh_state(const SandboxOptions& options) {
  const auto guid = [&](std::string_view what) { return stable_guid(options.seed, what); };
  State state;
  state.tenant_id = guid("tenant");
  state.subscription_id = guid("subscription");

  Random secrets;  // from the kernel: the secret in the folder is not to be guessed from the seed
  SandboxApp app;
  app.client_id = guid("app");
  app.object_id = guid("application");
  app.name = "portalkey";
  app.settings = R"({"api":{"requestedAccessTokenVersion":2}})";
  app.passwords.push_back({guid("app secret"), "first secret", opaque(secrets, 3) + "8Q~" + opaque(secrets, 34), 0, 0, 0});
  const ServicePrincipal principal{guid("service principal"), app.client_id, app.name, "Application", true, 0, "{}", {}};
  state.own_client_id = app.client_id;
  state.service_principals.emplace(principal.object_id, principal);
  state.apps.emplace(app.client_id, std::move(app));

  add_first_party_principals(state, options);
  add_managed_identities(state, options);
  state.identity_header = opaque(secrets, 32);

  auto& admin = make_user(state, options, kAdminAccount);
  admin.roles = {std::string(kGlobalAdministrator)};
  assign_role(state, admin.oid, "User", "Owner", subscription_scope(state));
  if (!options.empty_subscription) make_first_vault(state, options, principal.object_id, admin.oid);
  make_user(state, options, kServiceAccount).roles = {std::string(kGlobalAdministrator)};
  make_user(state, options, "helpdesk@contoso.com");
  make_user(state, options, "anna_fabrikam.com#EXT#@contoso.onmicrosoft.com");
  make_user(state, options, "former.employee@contoso.com").disabled = true;
  return state;
}

Result<void> add_listed_users(State& state, const SandboxOptions& options) {
  if (options.users_file.empty()) return {};
  const auto bytes = read_file(options.users_file, 64UL * 1024 * 1024, FileUse::input);
  if (!bytes) return std::unexpected(bytes.error());
  bytes->reveal([&](std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::size_t column = 0;
    bool first = true;
    while (!text.empty()) {
      const auto end = text.find('\n');
      std::string_view line = trimmed(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      std::vector<std::string_view> fields;
      for (std::string_view rest = line;;) {
        const auto comma = rest.find(',');
        fields.push_back(trimmed(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
      }
      if (std::exchange(first, false)) {
        const auto header = std::ranges::find_if(fields, [](auto field) { return same_ignoring_case(field, "upn"); });
        if (header != fields.end()) {
          column = static_cast<std::size_t>(header - fields.begin());
          continue;
        }
      }
      if (column < fields.size() && fields[column].find('@') != std::string_view::npos) {
        make_user(state, options, fields[column]);
      }
    }
  });
  return {};
}

const SandboxApp& own_app(const World& world) { return world.state.apps.at(world.state.own_client_id); }

const ServicePrincipal* find_service_principal(const World& world, std::string_view client_id) {
  for (const auto& [object_id, principal] : world.state.service_principals) {
    if (principal.client_id == client_id) return &principal;
  }
  return nullptr;
}

SandboxUser& make_user(State& state, const SandboxOptions& options, std::string_view upn) {
  const std::string key = lower(upn);
  if (const auto found = state.users.find(key); found != state.users.end()) return found->second;
  SandboxUser user;
  user.upn = upn;
  user.oid = stable_guid(options.seed, "user " + key);
  user.display_name = display_name_of(upn);
  user.guest = key.find("#ext#") != std::string::npos;
  const GeneratedUsers generated(options.seed, options.generated_users);
  if (const auto number = generated.by_upn(key)) user = generated.user(*number);
  return state.users.emplace(key, std::move(user)).first->second;
}

SandboxUser* find_user(World& world, std::string_view upn) {
  const auto found = world.state.users.find(lower(upn));
  if (found != world.state.users.end()) return &found->second;
  const bool generated = world.generated.by_upn(lower(upn)).has_value();
  if (!generated && (world.options.strict_users || !exists_on_demand(upn))) return nullptr;
  world.touch();
  return &make_user(world.state, world.options, upn);
}

SandboxUser* find_user_by_oid(World& world, std::string_view oid) {
  const std::string wanted(oid);
  if (const auto number = world.generated.by_oid(oid)) return find_user(world, world.generated.user(*number).upn);
  if (const auto known = world.user_keys_by_oid.find(wanted); known != world.user_keys_by_oid.end()) {
    const auto found = world.state.users.find(known->second);
    if (found != world.state.users.end() && found->second.oid == oid) return &found->second;
  }
  for (auto& [key, user] : world.state.users) {
    if (user.oid != oid) continue;
    world.user_keys_by_oid[wanted] = key;
    return &user;
  }
  return nullptr;
}

bool has_role(const SandboxUser& user, std::string_view role) {
  return std::ranges::find(user.roles, role) != user.roles.end();
}

std::string stable_guid(std::uint64_t seed, std::string_view text) { return Random(id_seed(seed, text)).guid(); }

std::string hex(Random& random, std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < digits; ++i) out += kDigits[random.below(16)];
  return out;
}

std::string opaque(Random& random, std::size_t length) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  for (std::size_t i = 0; i < length; ++i) out += kLetters[random.below(64)];
  return out;
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = to_lower(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

}  // namespace portalkey::sandbox
