#pragma once
// Any path of the portal's backend API, called as the portal calls it.

#include <string>

#include "app/tenant/tenant.h"

namespace portalkey {

struct PortalRequest {
  std::string method = "GET";  ///< anything else is sent once only
  std::string path;            ///< and query, from the host's root
  Secret body;                 ///< JSON; empty: none
};

/// What the request would send, with the body's secrets found in it, so that no answer that quotes them is shown. Changes
/// nothing, so that somebody can be asked afterwards. invalid_input: the body is no JSON.
Result<PortalCall> portal_call_of(PortalRequest request);

/// The answer's body, whatever it is.
Result<Secret> call_portal(Tenant& tenant, PortalCall call);

}  // namespace portalkey
