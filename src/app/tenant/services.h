#pragma once

#include "app/tenant/tenant.h"

namespace portalkey {

using Services = Tenant;

}  // namespace portalkey
