#pragma once

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// https://main.iam.ad.ext.azure.com: the portal's backend.
HttpResponse portal(World& world, const HttpRequest& request, const SandboxCloud& cloud);

/// Judges the rows of uploads whose time has come.
void settle_uploads(World& world);

}  // namespace portalkey::sandbox
