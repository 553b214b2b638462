#pragma once

#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// The page where a person types a device code, picks an account and approves. Plain HTML, no script.
HttpResponse sign_in_page(World& world, const HttpRequest& request);

}  // namespace portalkey::sandbox
