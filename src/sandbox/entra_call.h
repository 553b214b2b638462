#pragma once
// One request to the authority, and the grants that answer it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/entra_errors.h"
#include "sandbox/resources.h"
#include "sandbox/world.h"

namespace portalkey::sandbox {

struct EntraCall {
  World& world;
  const HttpRequest& request;
  const SandboxCloud& cloud;
  std::string tenant;  ///< as in the path
  bool version1 = false;
  TextPairs form;

  /// A form parameter; empty counts as absent.
  std::optional<std::string> parameter(std::string_view name) const;
  bool any_tenant() const { return tenant == "common" || tenant == "organizations"; }
  ErrorDetails details() const;
  HttpResponse error(int code, const ErrorDetails& details, std::string_view word = {}) const {
    return entra_error(world, request, cloud, code, details, word);
  }
};

HttpResponse token_endpoint(EntraCall& call);
HttpResponse device_code_endpoint(EntraCall& call);
HttpResponse discovery_document(EntraCall& call);
HttpResponse key_set(EntraCall& call);

/// The client that calls, and whether it proved itself.
struct Client {
  std::string id;
  bool first_party = false;
  bool confidential = false;  ///< it has a secret and gave the right one
};

/// What a client asks a token for.
struct Wanted {
  std::string identifier;  ///< the resource as spelt; empty: not said
  std::vector<std::string> scopes;
  bool has(std::string_view scope) const;
};

/// Reads `resource` (version 1) or `scope` (version 2). An AADSTS code if it cannot be.
int read_wanted(const EntraCall& call, Wanted& wanted);

/// 0, or the AADSTS code why this client may not have a user's token for it.
int why_not(const World& world, const Client& client, const std::optional<Resource>& resource);

}  // namespace portalkey::sandbox
