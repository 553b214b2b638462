#pragma once

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// login.microsoftonline.com and its sisters.
HttpResponse entra(World& world, const HttpRequest& request, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
