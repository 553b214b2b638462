#pragma once
// Plans for people and for programs.

#include <string>

#include "cli/terminal/output.h"
#include "provision/plan.h"

namespace portalkey {

/// A table with the changes below each step, or {"changes","blocked","steps":[…],"warnings":[…]}. `profile` is the last step:
/// the config file's.
std::string plan_text(const Plan& plan, const std::string& config, std::string_view profile_state, OutputFormat format);

/// What apply did and where to go on.
struct SetupResult {
  std::vector<Step> steps;
  std::string tenant, subscription, vault_url, client_id, config, credential_file, profile;
  std::string_view profile_state;
  std::string next;     ///< the command that comes next
  std::string consent;  ///< what a person must consent to before; empty: nothing
};
std::string result_text(const SetupResult& result, OutputFormat format);

}  // namespace portalkey
