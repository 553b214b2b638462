#pragma once

#include "sandbox/world.h"
#include "server/http_message.h"

namespace portalkey::sandbox {

/// The sandbox's own interface, on a plain port of loopback: clock, faults, users, policy, journal; and the device page.
HttpResponse admin_api(World& world, const HttpRequest& request);

}  // namespace portalkey::sandbox
