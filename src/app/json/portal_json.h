#pragma once

#include <string>
#include <vector>

#include "directory/portal/read_operations.h"

namespace portalkey {

/// `[{"name","path","parameters":[{"name","in","required"}],"description","answer"}]`; parameters that name pages are left out.
std::string json_of(const std::vector<const ReadOperation*>& operations);

}  // namespace portalkey
