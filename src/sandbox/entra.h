#pragma once

#include "sandbox/clouds.h"
#include "sandbox/world.h"
#include "server/http_message.h"

namespace portalkey::sandbox {

/// login.microsoftonline.com and its sisters.
HttpResponse entra(World& world, const HttpRequest& request, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
