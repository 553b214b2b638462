#pragma once

#include <optional>
#include <string_view>

namespace portalkey {

/// The line, from 1 on, where a TOML text nests deeper than a config file has reason to: by brackets, or by dots between the
/// parts of a name. Each level takes a piece of the stack when the text is parsed and again when its tables are dropped, so it
/// is to be asked first. Knows of TOML only strings and comments.
std::optional<int> nests_too_deeply_at(std::string_view toml);

}  // namespace portalkey
