#pragma once
// JSON in which nothing can be read in two ways. Included by .cc files only.

#include <boost/json.hpp>
#include <optional>
#include <string_view>

namespace portalkey {

/// The object that the text is; nullopt: it is none, is not UTF-8, is deeper than eight, or names a member of any object twice
/// (of which one reader takes the first and another the last).
std::optional<boost::json::object> strict_json_object(std::string_view text);

/// Whether an object in `value`, which was read from `text`, names a member twice.
bool names_a_member_twice(const boost::json::value& value, std::string_view text);

}  // namespace portalkey
