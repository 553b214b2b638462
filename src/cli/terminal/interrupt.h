#pragma once

#include <stop_token>

namespace portalkey {

/// From the first call on, Ctrl-C or SIGTERM requests a stop, so that a command ends at a safe place; another one more than a
/// second later ends the process at once with status 130.
std::stop_token stop_on_interrupt();

}  // namespace portalkey
