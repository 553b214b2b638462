#pragma once
// The tenant's limit on activations, kept in a file: all jobs that open it share it, those of processes that were killed
// included.

#include <filesystem>
#include <memory>
#include <string>

#include "jobs/store/activation_pace.h"

namespace portalkey {

/// `folder`: of our own; it must be there. What is in it for other tenants does not count.
Result<std::unique_ptr<ActivationPace>> open_tenant_pace(const std::filesystem::path& folder, std::string tenant,
                                                         ActivationLimit limit, Clock& clock);

}  // namespace portalkey
