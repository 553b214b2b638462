#pragma once

#include <string_view>

#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

/// Carries what the file `admin-token` in the sandbox's folder (mode 0600) holds.
inline constexpr std::string_view kAdminTokenHeader = "x-sandbox-token";

/// A browser sends this for a page that was not loaded from the very address it asks.
bool from_a_foreign_page(const HttpRequest& request);

/// The sandbox's own interface, on a plain port of loopback: clock, faults, users, policy, journal, all with the token; and,
/// without, the device page, whose forms only that page itself can send.
HttpResponse admin_api(World& world, const HttpRequest& request);

}  // namespace portalkey::sandbox
