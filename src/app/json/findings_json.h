#pragma once

#include <string>

#include "base/remedy.h"
#include "doctor/finding.h"

namespace portalkey {

/// `profile`: its name.
std::string json_of(const Findings& findings, std::string_view profile, const Words& words);

}  // namespace portalkey
