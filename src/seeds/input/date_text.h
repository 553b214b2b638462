#pragma once

#include <string>
#include <string_view>

namespace portalkey {

/// A day as people write it in which nothing can be mistaken, as YYYY-MM-DD: `2024-03-31`, `2024/03/31`, `31.03.2024`, each
/// also with a time of day behind; of a month, `2024-03`, its first day. Empty: it is something else, such as `03/04/2024`.
std::string date_of_text(std::string_view text);

}  // namespace portalkey
