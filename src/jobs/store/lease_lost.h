#pragma once
// For implementations of JobStore.

#include <string>

#include "base/error.h"

namespace portalkey {

/// What a write under a lease that is not the newest of its job answers.
Error lease_lost(const std::string& job);

}  // namespace portalkey
