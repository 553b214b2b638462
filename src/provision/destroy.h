#pragma once
// Takes a set-up away again: what portalkey made and marked, nothing else.

#include <functional>
#include <string>
#include <vector>

#include "azure/azure.h"
#include "provision/plan.h"

namespace portalkey {

struct Removal {
  enum class Kind { role, permission, app, vault, purge, group } kind;
  std::string what;
  std::string path;  ///< in Azure Resource Manager or Graph
};

struct DestroyPlan {
  std::vector<Removal> removals;  ///< in order
  std::vector<std::string> kept;  ///< what stays, and why
};

/// `purge`: the vault is also purged, which nothing can undo; conflict if purge protection refuses that.
Result<DestroyPlan> plan_destroy(const Azure& azure, const Desired& desired, const Actual& actual, bool purge);

/// Removes one thing; what is gone already is no error.
Result<void> carry_out(const Azure& azure, const Desired& desired, const Actual& actual, const Removal& removal);

}  // namespace portalkey
