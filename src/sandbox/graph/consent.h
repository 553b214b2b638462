#pragma once
// Consent that an administrator gave the app registration `portalkey` before anybody asked.

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

/// Grants the application permissions of Microsoft Graph that managing hardware OATH tokens takes.
void grant_oath_permissions(World& world);
/// Whether the app has all of them, whoever granted them.
bool has_oath_permissions(const World& world);

}  // namespace portalkey::sandbox
