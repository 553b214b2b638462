#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "base/secret.h"
#include "jobs/store/job_store.h"

namespace portalkey {

/// In `folder` (made with mode 0700): `jobs.db`, SQLite in WAL mode, `jobs.key`, and a lock file for each job that was claimed.
/// `passphrase` as in journal_key.h; it is asked for when a job is first written, changed or loaded.
Result<std::unique_ptr<JobStore>> open_job_store(const std::filesystem::path& folder,
                                                 std::optional<std::function<Result<Secret>()>> passphrase, Clock& clock);

}  // namespace portalkey
