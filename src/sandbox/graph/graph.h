#pragma once

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// https://graph.microsoft.com and its like: the directory, as far as provisioning asks for it.
HttpResponse graph(World& world, const HttpRequest& request, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
