#pragma once

#include <string>
#include <string_view>

#include "app/operations/set_up.h"
#include "base/remedy.h"

namespace portalkey {

std::string json_of(const PlannedSetup& planned, const Words& words);
/// `next`: what comes next, as whoever asked says it.
std::string json_of(const AppliedSetup& applied, std::string_view next, const Words& words);
std::string json_of(const DestroyedSetup& destroyed, const Words& words);
std::string json_of(const ExportedSetup& exported);

}  // namespace portalkey
