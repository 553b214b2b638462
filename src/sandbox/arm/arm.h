#pragma once

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// Azure Resource Manager: subscriptions, resource groups, vaults, role assignments, deployments.
HttpResponse arm(World& world, const HttpRequest& request, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
