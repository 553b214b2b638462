#pragma once
// Jobs of the journal, looked at.

#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "jobs/model/token_outcome.h"

namespace portalkey {

/// The id of the job of this name: `last` is the newest, others by their id or how that begins. not_found; invalid_input:
/// several.
Result<std::string> job_named(JobStore& store, const std::string& name);

struct ShownJob {
  Job job;
  std::vector<TokenOutcome> tokens;  ///< every one, in the file's order
  /// corrupt: something of it is not as portalkey wrote it. Any other: whether that is so could not be found out.
  std::optional<Error> unsound;

  bool altered() const { return unsound && unsound->code == Errc::corrupt; }
};

Result<ShownJob> show_job(JobStore& store, const std::string& id);

}  // namespace portalkey
