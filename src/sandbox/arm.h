#pragma once

#include "sandbox/clouds.h"
#include "sandbox/world.h"
#include "server/http_message.h"

namespace portalkey::sandbox {

/// Azure Resource Manager: subscriptions, resource groups, vaults, role assignments, deployments.
HttpResponse arm(World& world, const HttpRequest& request, const SandboxCloud& cloud);

}  // namespace portalkey::sandbox
