#include "entra/oauth/json_answer.h"

#include <charconv>

#include "base/secret_json.h"

namespace portalkey {

std::optional<boost::json::object> json_answer(const Secret& body) {
  boost::system::error_code problem;
  boost::json::value parsed;
  body.reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
  if (problem || !parsed.is_object()) return std::nullopt;
  return std::move(parsed.get_object());
}

std::optional<boost::json::object> json_answer(const Response& response) { return json_answer(response.body); }

std::string text_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Secret secret_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? Secret(value->get_string()) : Secret();
}

std::optional<std::int64_t> number_member(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return std::nullopt;
  const auto& text = value->get_string();
  std::int64_t out = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace portalkey
