#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "jobs/store/activation_pace.h"

namespace portalkey {

/// A tenant's limit, which every process that opens the same `folder` (made with mode 0700) for it shares, however many
/// profiles they have. `tenant`: the tenant and its cloud, by names that all of them use. What a process that was killed had in
/// flight counts for a window. Kept in `activations.db`.
Result<std::unique_ptr<ActivationPace>> open_tenant_pace(const std::filesystem::path& folder, std::string tenant,
                                                         ActivationLimit limit, Clock& clock);

}  // namespace portalkey
