#pragma once
// What the credential may do in Microsoft Graph, and so which commands work with `backend = "graph"`.
// Source: learn.microsoft.com/graph/api/{authenticationmethoddevice-post-hardwareoathdevices,
// authentication-post-hardwareoathmethods,user-list}?view=graph-rest-beta, "Permissions".

#include "doctor/finding.h"
#include "entra/oauth/access_token.h"

namespace portalkey {

/// One finding per right: `Graph devices`, `Graph methods`, `Graph users`.
Findings judge_graph_permissions(const AccessTokenClaims& claims);

}  // namespace portalkey
