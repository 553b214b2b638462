#pragma once
// What a program that portalkey starts is found by, and what it is told: neither lets another account of this machine, nor a
// variable that was meant for portalkey, decide what runs.

#include <string>
#include <vector>

#include "base/error.h"

namespace portalkey {

/// The file of a program: `name` itself if it is absolute, otherwise the first of that name in a folder of PATH. not_found:
/// there is none. invalid_input: there is one, and another account has a hand in it or in its folder (base/trusted_path.h).
Result<std::string> find_program(const std::string& name);

/// The variables a program gets, as NAME=VALUE: those of a list, and of PATH the folders that nobody else may write to. So no
/// secret of ours, and nothing that makes a program load other code.
std::vector<std::string> program_environment();

}  // namespace portalkey
