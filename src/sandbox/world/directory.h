#pragma once
// App registrations and service principals, as the directory keeps them. Plain data.
// Source: learn.microsoft.com/graph/api/resources/{application,serviceprincipal,passwordcredential,keycredential}.

#include <cstdint>
#include <string>
#include <vector>

namespace portalkey::sandbox {

struct PasswordCredential {
  std::string key_id;
  std::string display_name;
  std::string secret;
  std::int64_t start = 0;    ///< Unix seconds
  std::int64_t end = 0;      ///< Unix seconds; 0 = never
  std::int64_t created = 0;  ///< Unix seconds; 0 = from the first day
};

struct KeyCredential {
  std::string key_id;
  std::string display_name;
  std::string certificate;  ///< base64 of the DER
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t created = 0;
};

/// An outside token with this issuer, subject and audience stands for the app.
struct FederatedCredential {
  std::string id, name, issuer, subject, description;
  std::vector<std::string> audiences;
};

struct SandboxApp {
  std::string client_id;
  std::string object_id;  ///< the application's own; its service principal has another
  std::string name;
  std::vector<PasswordCredential> passwords;
  std::vector<KeyCredential> keys;
  std::vector<FederatedCredential> federated;
  std::string settings = "{}";  ///< JSON: every other property of the application resource (web, publicClient, api, appRoles …)
  std::int64_t created = 0;
  std::vector<std::string> owners = {};  ///< object ids of users and service principals
};

struct ServicePrincipal {
  std::string object_id;
  std::string client_id;
  std::string name;
  std::string type = "Application";  ///< or `ManagedIdentity`
  bool enabled = true;
  std::int64_t created = 0;
  std::string settings = "{}";           ///< JSON: every other property of the resource (tags, alternativeNames …)
  std::vector<std::string> owners = {};  ///< object ids
  /// Its own, good beside those of its app.
  std::vector<PasswordCredential> passwords = {};
  std::vector<KeyCredential> keys = {};
};

/// An app role of a resource, granted to a user or a service principal: `roles` in its tokens.
struct AppRoleAssignment {
  std::string id;
  std::string principal_id;    ///< object id
  std::string principal_type;  ///< `User` or `ServicePrincipal`
  std::string resource_id;     ///< object id of the resource's service principal
  std::string app_role_id;     ///< 00000000-0000-0000-0000-000000000000 is the default access
  std::int64_t created = 0;
};

/// Consent to delegated permissions: `scp` of tokens that the client gets for users.
struct PermissionGrant {
  std::string id;
  std::string client_id;     ///< object id of the client's service principal
  std::string consent_type;  ///< `AllPrincipals` or `Principal`
  std::string principal_id;  ///< the user's object id; empty for all
  std::string resource_id;   ///< object id of the resource's service principal
  std::string scope;         ///< separated by blanks
};

}  // namespace portalkey::sandbox
