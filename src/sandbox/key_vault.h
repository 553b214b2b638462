#pragma once

#include <string_view>

#include "sandbox/clouds.h"
#include "sandbox/world.h"
#include "server/http_message.h"

namespace portalkey::sandbox {

/// https://{vault}.vault.azure.net: the secrets data plane.
HttpResponse key_vault(World& world, const HttpRequest& request, const SandboxCloud& cloud, std::string_view vault);

}  // namespace portalkey::sandbox
