#pragma once

#include <optional>

#include "service/callers/caller.h"

namespace portalkey {

/// What both allow. Of tenants, domains and groups those that both name, although somebody may be in one group of each: rather
/// too little than too much. nullopt: nothing is left.
std::optional<CallerLimits> narrowed(const CallerLimits& a, const CallerLimits& b);

}  // namespace portalkey
