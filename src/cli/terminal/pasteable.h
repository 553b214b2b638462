#pragma once
// Hints that can be pasted: commands with the options that a run was given before its own.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portalkey {

/// Names with their values: `--sandbox`, DIR.
using GivenOptions = std::vector<std::pair<std::string, std::string>>;

/// Once, when the command line is parsed.
void remember_options(GivenOptions given);

/// The text with `portalkey COMMAND` as it has to be typed: `portalkey --sandbox DIR COMMAND`, and with its references put into
/// words. An option that the text itself gives the command is left to it.
std::string pasteable(std::string_view with_references);

}  // namespace portalkey
