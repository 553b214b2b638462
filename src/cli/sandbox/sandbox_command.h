#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace portalkey {

/// Adds `sandbox run`. If that is what the user asked for, `run` is set to what carries it out and returns the exit code.
void add_sandbox_command(CLI::App& app, std::function<int()>& run);

}  // namespace portalkey
