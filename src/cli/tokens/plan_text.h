#pragma once
// A plan as people read it: a line per change, and how many of each kind.

#include <string>

#include "jobs/plan/token_plan.h"

namespace portalkey {

/// At most `shown` changes, those that take something away first where some are left out.
std::string plan_text(const TokenPlan& plan, std::size_t shown = SIZE_MAX);

}  // namespace portalkey
