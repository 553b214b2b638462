#pragma once

#include <string>

#include "base/remedy.h"
#include "jobs/plan/token_plan.h"

namespace portalkey {

/// `words` are for what to do about rows that cannot be had.
std::string json_of(const TokenPlan& plan, const Words& words);

}  // namespace portalkey
