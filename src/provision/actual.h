#pragma once
// What is there, as Azure and the directory tell it. Plain data; survey.h reads it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace portalkey {

struct ActualGroup {
  std::string location;
  std::map<std::string, std::string> tags;
  std::string state;
};

/// A subnet that a vault lets in.
struct SubnetRule {
  std::string id;
  bool without_endpoint = false;  ///< it needs no service endpoint for key vaults
};

struct ActualVault {
  std::string name;
  std::string url;  ///< without a slash at the end
  std::string tenant;
  std::string location;
  std::map<std::string, std::string> tags;
  bool rbac = false;
  bool soft_delete = false;
  bool purge_protection = false;
  std::optional<int> retention_days;
  bool public_access = true;
  bool deny_by_default = false;
  std::vector<std::string> addresses;
  std::vector<SubnetRule> virtual_networks;
  std::string state;
};

struct DeletedVault {
  std::string name, location, id, purge_date;
  bool purge_protection = false;
  std::map<std::string, std::string> tags{};
};

struct ActualPassword {
  std::string key_id, name, hint;
  WallTime ends;
};

struct ActualKey {
  std::string key_id, name;
  std::string certificate;  ///< base64 of the DER, as far as Graph tells it
  std::string thumbprint;   ///< SHA-1, upper-case hexadecimal; may be empty
  WallTime ends;
};

struct ActualFederated {
  std::string id, name, issuer, subject;
  std::vector<std::string> audiences;
};

struct ActualAppRole {
  std::string id, value;
  bool enabled = true;
};

struct ActualApp {
  std::string object_id, app_id, name;
  WallTime created{};
  bool marked = false;
  std::vector<std::string> redirect_uris, identifier_uris;
  std::vector<ActualAppRole> roles;
  std::string roles_json = "[]";  ///< as read: a change sends them back with ours added
  std::string keys_json = "[]";
  std::vector<ActualPassword> passwords;
  std::vector<ActualKey> keys;
  std::vector<ActualFederated> federated;
};

struct ActualAssignment {
  std::string id, name, scope, role_definition;
};

/// The file that proves who the app is, on this machine.
struct LocalCredential {
  bool there = false;
  std::string problem;      ///< why it cannot be used; empty if it can
  std::string hint;         ///< of a secret: its first three characters, as Graph shows them
  std::string certificate;  ///< base64 of the DER
  std::string thumbprint;   ///< of the certificate: SHA-1, upper-case hexadecimal
  WallTime ends{};          ///< of the certificate
};

/// An app role that the app's service principal was given.
struct ActualGrant {
  std::string id, resource, role;
};

/// Of Microsoft Graph and the app's permissions in it; read only where they are wanted.
struct ActualGraph {
  std::string principal;                     ///< object id of Graph's service principal; empty: none
  std::map<std::string, std::string> roles;  ///< the permissions that are wanted, and their ids
  std::vector<std::string> declared;         ///< ids of the application permissions that the app registration lists
  std::string declared_json = "[]";          ///< as read: a change sends it back with ours added
  std::vector<ActualGrant> grants;
};

struct Actual {
  std::string subscription_name;
  std::map<std::string, std::string> providers;  ///< namespace and registrationState
  std::optional<ActualGroup> group;

  std::string vault_name;  ///< found, given or derived
  std::optional<ActualVault> vault;
  std::optional<DeletedVault> deleted_vault;   ///< holds the name
  std::string name_refused;                    ///< why the name cannot be had; empty if it can
  std::vector<std::string> names_passed_over;  ///< derived names that others have

  std::optional<ActualApp> app;
  bool app_missing = false;                ///< there is no app of the client id that was given
  std::vector<std::string> unmarked_apps;  ///< client ids of apps of that name that this installation did not record
  std::vector<std::string> rival_apps;     ///< client ids, if several may be the one that was being made
  std::string principal;                   ///< object id of the service principal; empty: none
  LocalCredential local;

  ActualGraph graph;
  std::vector<ActualAssignment> assignments;  ///< the app's
  std::string me;                             ///< object id of who runs this, if it was asked for
  bool me_is_person = true;
  std::vector<ActualAssignment> my_assignments;
};

}  // namespace portalkey
