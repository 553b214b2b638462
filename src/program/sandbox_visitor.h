#pragma once
// What a new sandbox has ready for who comes to try things: files to begin with, and the commands to type.

#include <string>

#include "sandbox/sandbox.h"

namespace portalkey {

/// Writes `seeds.csv` (a vendor's file with keys of this sandbox's own), `people.csv` (who gets which token) and `config.toml`
/// into the sandbox's folder. What is there stays as it is.
Result<void> write_visitor_files(const sandbox::SandboxReady& ready);

/// What to type next, in another terminal; each command works as it stands.
std::string what_to_type(const sandbox::SandboxReady& ready);

}  // namespace portalkey
