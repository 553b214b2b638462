#pragma once

#include <string>
#include <string_view>

namespace portalkey {

/// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);
void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace portalkey
