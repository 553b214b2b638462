#pragma once
// Lines the way XML means them (XML 1.0 §2.11).

#include <cstdint>
#include <string_view>

namespace portalkey {

/// How many line ends (\n, \r, \r\n) are in `text`, which does not begin between \r and \n.
std::int64_t count_line_ends(std::string_view text);

}  // namespace portalkey
