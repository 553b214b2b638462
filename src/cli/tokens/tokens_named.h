#pragma once
// The options of commands that name tokens of the tenant.

#include "app/operations/named_tokens.h"
#include "cli/terminal/command.h"

namespace portalkey {

/// SERIAL..., --list, --user and --all.
void add_named_tokens(Command command, NamedTokens& named);
/// Throws WrongUsage unless exactly one of SERIAL, --list and --user alone was given.
void check_named_tokens(const std::string& command, const NamedTokens& named);

}  // namespace portalkey
