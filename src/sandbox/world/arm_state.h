#pragma once
// What Azure Resource Manager and Key Vault remember of a subscription. Plain data; arm_state_json.h saves it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace portalkey::sandbox {

struct SecretVersion {
  std::string id;  ///< 32 hex digits
  std::string value;
  std::optional<std::string> content_type;
  bool enabled = true;
  std::optional<std::int64_t> nbf;
  std::optional<std::int64_t> exp;
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::map<std::string, std::string> tags;
  bool has_tags = false;
};

struct VaultSecret {
  std::string name;                     ///< as first written
  std::vector<SecretVersion> versions;  ///< oldest first
  std::int64_t deleted = 0;             ///< Unix seconds; 0 = alive
};

/// Who made or changed a resource, for `systemData`.
struct Stamp {
  std::string by;    ///< UPN or app id
  std::string type;  ///< `User` or `Application`
  std::int64_t at = 0;
};

struct VaultAccessPolicy {
  std::string tenant_id, object_id, application_id;
  std::map<std::string, std::vector<std::string>> permissions;  ///< `secrets` -> get, list, …
};

struct Vault {
  std::string name;            ///< as first written
  std::string resource_group;  ///< likewise
  std::string location;
  std::string tenant_id;
  std::map<std::string, std::string> tags;
  std::string sku = "standard";
  bool rbac = true;
  bool rbac_given = true;  ///< what was never said is not shown
  bool purge_protection = false;
  std::int64_t retention_days = 90;
  bool public_access = true;
  bool deny_by_default = false;
  std::string bypass = "AzureServices";
  std::vector<std::string> ip_rules;      ///< addresses or CIDR blocks
  std::vector<std::string> subnet_rules;  ///< resource ids
  bool for_deployment = false;
  std::optional<bool> for_disk_encryption, for_template_deployment;  ///< empty: never said, and not shown
  std::vector<VaultAccessPolicy> access_policies;
  Stamp created, modified;
  int polls_left = 0;                          ///< GETs that still say `RegisteringDns`
  std::int64_t deleted = 0;                    ///< Unix seconds; 0 = alive
  std::map<std::string, VaultSecret> secrets;  ///< by name in lower case
  std::map<std::string, VaultSecret> deleted_secrets;
};

struct ResourceGroup {
  std::string name;  ///< as first written
  std::string location;
  std::string managed_by;
  std::map<std::string, std::string> tags;
  int polls_left = -1;  ///< ≥ 0: being deleted, gone after so many looks
};

struct RoleAssignment {
  std::string name;   ///< a GUID in lower case, chosen by the caller
  std::string scope;  ///< resource id as given
  std::string role;   ///< GUID of the role definition
  std::string principal_id;
  std::string principal_type;  ///< User, Group, ServicePrincipal, …
  std::string description, condition, condition_version;
  std::string created_by;  ///< object id
  std::int64_t created = 0;
  std::int64_t updated = 0;
};

/// `NotRegistered`, `Registering`, `Registered`, `Unregistered`.
struct ProviderRegistration {
  std::string state = "NotRegistered";
  int polls_left = 0;
};

struct Deployment {
  std::string id;  ///< resource id as first written
  std::string name;
  std::string location;     ///< of subscription-scope deployments
  std::string properties;   ///< JSON: what GET shows once it has ended
  std::string operations;   ///< JSON array
  std::string tags = "{}";  ///< JSON
  int polls_left = 0;       ///< looks that still say `Running`
};

/// A long-running operation, asked for by its id.
struct ArmOperation {
  std::string id;
  int polls_left = 0;
  int status = 200;    ///< when it has ended
  std::string body;    ///< likewise; JSON or empty
  std::string target;  ///< what ends with it: a resource group that goes, or a deployment's id; empty: nothing
};

/// A management lock.
struct ResourceLock {
  std::string scope;  ///< resource id as given
  std::string name;
  bool read_only = false;  ///< else it forbids deletion only
  std::string notes;
};

struct DiagnosticSetting {
  std::string scope;  ///< resource id as given
  std::string name;
  std::string properties;  ///< JSON, as it is shown
};

struct Subnet {
  std::string name;
  std::string prefix;
  std::vector<std::string> service_endpoints;  ///< `Microsoft.KeyVault`, …
};

struct VirtualNetwork {
  std::string name;
  std::string resource_group;
  std::string location;
  std::map<std::string, std::string> tags;
  std::vector<std::string> prefixes;
  std::vector<Subnet> subnets;
};

struct Azure {
  std::map<std::string, std::string> tags;  ///< of the subscription
  std::map<std::string, ProviderRegistration>
      providers;  ///< by namespace in lower case; those that are absent are NotRegistered
  std::map<std::string, ResourceGroup> resource_groups;          ///< by name in lower case
  std::map<std::string, Vault> vaults;                           ///< by name in lower case
  std::map<std::string, Vault> deleted_vaults;                   ///< likewise
  std::map<std::string, RoleAssignment> role_assignments;        ///< by name
  std::map<std::string, Deployment> deployments;                 ///< by resource id in lower case
  std::map<std::string, ResourceLock> locks;                     ///< by scope and name in lower case
  std::map<std::string, DiagnosticSetting> diagnostic_settings;  ///< likewise; they outlive the resource
  std::map<std::string, VirtualNetwork> virtual_networks;        ///< by `group/name` in lower case
  std::vector<ArmOperation> operations;                          ///< oldest first
};

}  // namespace portalkey::sandbox
