#pragma once
// Set-ups for people: a table with the changes below each step.

#include <string>

#include "app/operations/set_up.h"

namespace portalkey {

std::string text_of(const PlannedSetup& planned);
/// `next`: the command that comes next.
std::string text_of(const AppliedSetup& applied, const std::string& next);

}  // namespace portalkey
