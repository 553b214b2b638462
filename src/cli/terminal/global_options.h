#pragma once
// What a run was told before its command: where it works, and as whom. Hints repeat it, so that they can be pasted.

#include <string>
#include <string_view>

namespace portalkey {

struct Globals;

/// Once, when the command line is parsed.
void remember_global_options(const Globals& globals);

/// The text with its references put into words (cli/terminal/references.h), and `portalkey COMMAND` as it has to be typed:
/// `portalkey --sandbox DIR COMMAND`. An option that the text itself gives the command is left to it.
std::string pasteable(std::string_view text);

}  // namespace portalkey
