#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/run_program.h"
#include "entra/credentials/credential.h"

namespace portalkey {

/// base/run_program.h's run_program; tests give their own.
using ProgramRunner = std::function<Result<ProgramRun>(const std::vector<std::string>&, const ProgramLimits&, std::stop_token)>;

/// Whoever is signed in at the az CLI: `az account get-access-token`. `tenant` may be empty: az's own choice.
/// not_found: az is not installed; needs_person: nobody is signed in there, or must again.
std::unique_ptr<Credential> make_azure_cli_credential(ProgramRunner run, std::string tenant, Clock& clock);

}  // namespace portalkey
