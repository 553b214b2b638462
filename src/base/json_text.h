#pragma once
// JSON for people and their programs. Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>
#include <string>

#include "base/visible_text.h"

namespace portalkey {

/// As boost::json::serialize, and valid whatever bytes the strings hold, such as a file name's: those that are not UTF-8 become
/// U+FFFD; what a terminal obeys or nobody sees is written as \uXXXX. `value` is a boost::json::value, object, array or string.
template <class Json>
std::string json_text(const Json& value) {
  return escaped_json(boost::json::serialize(value));
}

}  // namespace portalkey
