#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// `serve keys create|list|revoke`: API keys of callers that cannot have an access token of Entra. `state`: --state of `serve`.
void add_keys_commands(Command serve, const Globals& globals, Run& run);

}  // namespace portalkey
