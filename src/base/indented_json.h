#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace boost::json {
class value;
}

namespace portalkey {

/// For people: two blanks a level, each member on a line of its own.
std::string indented_json(const boost::json::value& value);
/// The same of a text; nullopt: it is no JSON. What may be secret in it is wiped.
std::optional<std::string> indented_json(std::string_view text);

}  // namespace portalkey
