#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace portalkey::sandbox {

struct SandboxOptions {
  std::filesystem::path folder = "portalkey-sandbox";  ///< state, certificates, the ready line
  std::uint16_t port = 0;        ///< 0: the port of the earlier run on this folder if it is free, else the kernel's choice
  std::uint16_t admin_port = 0;  ///< likewise
  std::uint64_t seed = 1;        ///< of ids, token lifetimes and faults

  // Who is there
  std::filesystem::path users_file;   ///< one UPN per line, or a CSV with a column `upn`
  std::uint32_t generated_users = 0;  ///< see generated_users.h
  bool strict_users = false;          ///< only listed users exist; otherwise any UPN of the tenant's domains does
  std::string vault_name = "contoso-kv";
  bool empty_subscription = false;  ///< no resource group, vault or registered provider at first
  int arm_polls = 1;                ///< how often a long-running operation of Resource Manager says it is not done
  /// Until new directory objects and role assignments are known everywhere; unset: as it was, at first 0.
  std::optional<std::chrono::seconds> replication_delay;
  bool premium_licence = true;
  bool grant_graph = false;         ///< the app registration has Graph's permissions for hardware OATH tokens from the start
  std::string china_portal_app_id;  ///< the portal backend's app id in China is not published; accepted there if given

  // Sign-in
  bool auto_approve = false;                                  ///< device codes are approved without a person
  bool single_use_refresh = false;                            ///< a redeemed refresh token stops working
  bool foci = false;                                          ///< answers of first-party clients carry `foci`
  std::optional<std::chrono::seconds> access_token_lifetime;  ///< otherwise 60-90 minutes

  // Metadata service
  std::string imds_address;  ///< listen there too; empty: only on the admin port
  std::uint16_t imds_port = 80;
  std::filesystem::path arc_folder;  ///< of Azure Arc's challenge keys; empty: `arc-tokens` in `folder`

  // Portal
  std::chrono::milliseconds upload_delay{1000};
  std::string upload_outcome;  ///< ok | errors | never; empty: as it was, at first ok
  bool upload_all_or_nothing = false;
  bool list_uploads_items = false;
  bool refuse_leading_zero_codes = false;
  bool portal_activation_wide = false;  ///< activation takes codes a day or two off, as documented; else of a step either way
  bool exact_upload_header = false;     ///< otherwise also what public scripts send; nobody knows what the service takes
  int activation_limit = 200;           ///< 0 = none
  std::chrono::seconds activation_window{300};

  std::filesystem::path record_file;  ///< exchanges with Key Vault, Resource Manager and Graph are written there; empty: none

  // Faults
  std::vector<std::string> faults;  ///< rules as JSON objects
  std::chrono::milliseconds latency{0};
  bool vault_down = false;
};

}  // namespace portalkey::sandbox
