#pragma once

#include <string_view>

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// https://{vault}.vault.azure.net: the secrets data plane.
HttpResponse key_vault(World& world, const HttpRequest& request, const SandboxCloud& cloud, std::string_view vault);

}  // namespace portalkey::sandbox
