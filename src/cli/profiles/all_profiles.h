#pragma once
// A command for every profile there is, one after the other: a line or an object each, and the worst exit code.

#include <functional>
#include <string>

#include "cli/terminal/command.h"

namespace portalkey {

struct OfOneProfile {
  ExitCode code = ExitCode::done;
  std::string line;    ///< what is told on a terminal
  std::string result;  ///< JSON
};

/// Adds --all-profiles.
void add_all_profiles_option(Command command, bool& wanted);

/// `work` on each profile's tenant; what fails with one does not keep it from the others. `[{"profile","exitCode","result",
/// "error"}]` as JSON. The worst code: an interruption, then 4, 2, 1, 3 and 0.
int with_all_profiles(const Globals& globals, OutputFormat format, const std::function<Result<OfOneProfile>(Tenant&)>& work);

}  // namespace portalkey
