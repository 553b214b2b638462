#pragma once

#include <string>
#include <string_view>

namespace portalkey {

/// The text as one word of a POSIX shell's command line, as somebody will paste it: quoted only where it must be.
std::string shell_word(std::string_view text);

}  // namespace portalkey
