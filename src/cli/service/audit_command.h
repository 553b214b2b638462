#pragma once

#include "cli/terminal/command.h"

namespace portalkey {

/// `audit`: verify, show, export and prune the service's trail.
void add_audit_command(Command app, const Globals& globals, Run& run);

}  // namespace portalkey
