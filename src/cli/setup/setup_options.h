#pragma once

#include <memory>

#include "app/operations/setup_wishes.h"
#include "cli/terminal/command.h"

namespace portalkey {

/// All options; `destroy` and `export` take them too, so that a command line can be repeated with another verb.
void add_setup_options(Command command, const std::shared_ptr<SetupWishes>& wishes);

}  // namespace portalkey
