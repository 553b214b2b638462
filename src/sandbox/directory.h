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
  std::int64_t start = 0;  ///< Unix seconds
  std::int64_t end = 0;    ///< Unix seconds; 0 = never
};

struct KeyCredential {
  std::string key_id;
  std::string display_name;
  std::string certificate;  ///< base64 of the DER
  std::int64_t start = 0;
  std::int64_t end = 0;
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
};

struct ServicePrincipal {
  std::string object_id;
  std::string client_id;
  std::string name;
  std::string type = "Application";  ///< or `ManagedIdentity`
  bool enabled = true;
  std::int64_t created = 0;
};

}  // namespace portalkey::sandbox
