#pragma once
// Reading the JSON of token endpoints, whose authors spell numbers as texts or as numbers. Only for .cc files of this part.

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "http/http.h"

namespace portalkey {

/// The object in an answer's body; nullopt if it is none. The parsed copy is wiped with the value (base/secret_json.h).
std::optional<boost::json::object> json_answer(const Response& response);
std::optional<boost::json::object> json_answer(const Secret& body);

std::string text_member(const boost::json::object& object, std::string_view key);
Secret secret_member(const boost::json::object& object, std::string_view key);
/// A whole number, or a text that is one.
std::optional<std::int64_t> number_member(const boost::json::object& object, std::string_view key);

}  // namespace portalkey
