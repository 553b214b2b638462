#pragma once
// One call of the portal's backend: who calls, and the shapes of its errors.

#include <string>
#include <string_view>

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

struct PortalCall {
  World& world;
  const HttpRequest& request;
  const SandboxCloud& cloud;
  std::string path;  ///< below `/api`, lower case, without a slash at the end
  SandboxUser* user = nullptr;

  bool administers() const;      ///< Global Administrator
  bool may_activate() const;     ///< Global or Privileged Authentication Administrator
  bool may_read_tokens() const;  ///< those, and Global Reader
};

/// The structured error of a .NET service. `details` is an object's text for `localizedErrorDetails`; empty: `errorDetail`
/// with the message.
struct PortalError {
  int status = 400;
  std::string code;
  std::string message;
  std::string exception = "ClientException";
  std::string detail_name = "errorDetail";
};
HttpResponse portal_error(const PortalCall& call, const PortalError& error);

HttpResponse portal_forbidden(const PortalCall& call);
/// `false` in brackets or an object: a .NET service's 200.
HttpResponse portal_true();

// The pages of the API. Each returns nullopt if the path is not its own.
std::optional<HttpResponse> hardware_tokens(PortalCall& call);
std::optional<HttpResponse> tenant_reads(PortalCall& call);
std::optional<HttpResponse> admin_consent(PortalCall& call);

}  // namespace portalkey::sandbox
