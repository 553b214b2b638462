#pragma once
// The directory's half of a plan.

#include "provision/plan.h"

namespace portalkey {

Step plan_app(const Desired& desired, const Actual& actual);
Step plan_principal(const Actual& actual);
Step plan_credential(const Desired& desired, const Actual& actual, WallTime now);

}  // namespace portalkey
