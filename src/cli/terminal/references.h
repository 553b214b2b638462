#pragma once

#include <string>
#include <string_view>

namespace portalkey {

/// The text with its references (base/remedy.h) in the words of this command line: `[[sign-in]]` is `portalkey login`. Options
/// that a run was given are not repeated here (pasteable.h does that).
std::string in_commands(std::string_view text);

}  // namespace portalkey
