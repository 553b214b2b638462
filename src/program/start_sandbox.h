#pragma once
// `portalkey sandbox …` is a program of its own, so that machines with real tenants need not carry an emulated one.

namespace portalkey {

inline constexpr const char* kSandboxIs = "An emulated Microsoft cloud on this machine, to try things out and to test";

/// Where on the command line the command `sandbox` stands; 0: it is another command, or the help is asked for.
int sandbox_command_at(int argc, const char* const* argv);

/// Becomes the program `portalkey-sandbox` that lies beside this one. `arguments` ends with a null pointer. Returns only if
/// that fails, which it has said then: the exit code.
int start_sandbox(char** arguments);

}  // namespace portalkey
