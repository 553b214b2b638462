#pragma once
// The tenant's limit on activations, kept in the journal: all jobs of a state folder share it, those of processes that were
// killed included.

#include <filesystem>
#include <memory>
#include <string>

#include "jobs/store/activation_pace.h"

namespace portalkey {

/// `folder`: that of open_job_store, which must have been there.
Result<std::unique_ptr<ActivationPace>> open_tenant_pace(const std::filesystem::path& folder, std::string tenant,
                                                         ActivationLimit limit, Clock& clock);

}  // namespace portalkey
