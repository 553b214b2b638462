#pragma once
// Boost.JSON, and what every service here needs of it. Included by .cc files only.

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

namespace json = boost::json;

inline HttpResponse json_answer(int status, const json::value& body) {
  HttpResponse answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "application/json; charset=utf-8");
  answer.body = json::serialize(body);
  return answer;
}

inline HttpResponse text_answer(int status, std::string type, std::string body) {
  HttpResponse answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", std::move(type));
  answer.body = std::move(body);
  return answer;
}

inline std::optional<json::value> parse_json(std::string_view text) {
  boost::system::error_code error;
  auto value = json::parse(json::string_view(text.data(), text.size()), error);
  if (error) return std::nullopt;
  return value;
}

inline std::optional<json::object> parse_json_object(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

inline std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

/// The member of that name, letter case ignored; nullptr if there is none.
inline const json::value* member(const json::object& object, std::string_view name) {
  for (const auto& item : object) {
    if (same_ignoring_case({item.key().data(), item.key().size()}, name)) return &item.value();
  }
  return nullptr;
}

/// A string member, or nullopt if it is absent or of another type.
inline std::optional<std::string> string_member(const json::object& object, std::string_view name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(view(value->get_string()));
}

inline std::optional<bool> bool_member(const json::object& object, std::string_view name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

inline std::optional<std::int64_t> int_member(const json::object& object, std::string_view name) {
  const auto* value = member(object, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

inline json::value optional_json(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

}  // namespace portalkey::sandbox
