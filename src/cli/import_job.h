#pragma once
// An import as a job of the journal, from where it stands to its end.

#include <vector>

#include "cli/command.h"
#include "cli/services.h"

namespace portalkey {

/// A new job's name: the day, and four letters by chance.
std::string new_job_id(Clock& clock, Random& random);

/// Does what is left of the job, prints what became of each of its tokens, and writes it to `report` if that is not empty.
/// conflict: another process runs it.
Result<ExitCode> run_import_job(Services& services, JobStore& store, Job job, std::vector<JobToken> tokens, OutputFormat format,
                                const std::filesystem::path& report_file);

}  // namespace portalkey
