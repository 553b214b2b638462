#pragma once
// One request to the authority, and what all its endpoints know about clients and resources.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/entra/errors.h"
#include "sandbox/entra/resources.h"
#include "sandbox/world/world.h"

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

HttpResponse authorize_endpoint(EntraCall& call);
/// What a person sees when a sign-in cannot even be sent back to the app.
HttpResponse error_page(EntraCall& call, int code, const ErrorDetails& details);
HttpResponse token_endpoint(EntraCall& call);
HttpResponse device_code_endpoint(EntraCall& call);
HttpResponse discovery_document(EntraCall& call);
HttpResponse key_set(EntraCall& call);
HttpResponse user_realm(EntraCall& call, std::string_view upn);
HttpResponse instance_discovery(World& world, const HttpRequest& request, const SandboxCloud& cloud);

/// The client that calls, and whether it proved itself.
struct Client {
  std::string id;
  bool first_party = false;
  bool confidential = false;        ///< it gave a credential, and the right one
  bool by_certificate = false;      ///< and that was an assertion, not a secret
  const SandboxApp* app = nullptr;  ///< nullptr: a client of Microsoft's
};

/// Whether a client id is of a client that every tenant knows.
bool is_first_party(std::string_view client_id);

/// What a client asks a token for.
struct Wanted {
  std::string identifier;  ///< the resource as spelt; empty: not said
  std::vector<std::string> scopes;
  bool has(std::string_view scope) const;
};

/// Reads `resource` (version 1) or `scope` (version 2). An AADSTS code if it cannot be.
int read_wanted(const EntraCall& call, Wanted& wanted);

bool is_oidc_scope(std::string_view scope);
std::vector<std::string> words_of(std::string_view text);

/// 0, or the AADSTS code why this client may not have a user's token for it.
int why_not(const World& world, const Client& client, const std::optional<Resource>& resource);

}  // namespace portalkey::sandbox
