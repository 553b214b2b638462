#pragma once
// The admin API's pages of users and groups. Included by .cc files only.

#include "sandbox/wire/json.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

HttpResponse users_page(const World& world);
/// `{"upn":…, "disabled":…, "deleted":…, "guest":…, "displayName":…, "roles":[…], "methods":[…]}`; what is left out
/// stays.
HttpResponse change_user(World& world, const json::object& body);

HttpResponse groups_page(World& world);
/// `{"displayName":…, "members":[UPNs and groups' names]}` makes a group or changes it; `"deleted":true` removes it.
HttpResponse change_group(World& world, const json::object& body);

}  // namespace portalkey::sandbox
