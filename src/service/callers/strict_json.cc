#include "service/callers/strict_json.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostDepth = 8;

std::size_t members_in(const boost::json::value& value) {
  std::size_t count = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += members_in(item);
  } else if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_in(member.value());
  }
  return count;
}

/// Of JSON that was read: outside of its strings each colon is a member's.
std::size_t members_written(std::string_view text) {
  std::size_t count = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    count += !in_string && text[i] == ':';
  }
  return count;
}

}  // namespace

bool names_a_member_twice(const boost::json::value& value, std::string_view text) {
  return members_in(value) != members_written(text);
}

std::optional<boost::json::object> strict_json_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMostDepth;
  boost::system::error_code problem;
  auto parsed = boost::json::parse(text, problem, {}, options);
  if (problem || !parsed.is_object() || names_a_member_twice(parsed, text)) return std::nullopt;
  return std::move(parsed.get_object());
}

}  // namespace portalkey
