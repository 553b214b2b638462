#pragma once
// Reading saved state. A member that is missing or of another kind leaves the field as it is, so that an older file still
// loads. Included by .cc files only.

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

inline void read(const json::object& from, std::string_view name, std::string& to) {
  if (auto value = string_member(from, name)) to = std::move(*value);
}
inline void read(const json::object& from, std::string_view name, bool& to) { to = bool_member(from, name).value_or(to); }
template <std::integral Number>
void read(const json::object& from, std::string_view name, Number& to) {
  to = static_cast<Number>(int_member(from, name).value_or(static_cast<std::int64_t>(to)));
}

template <class Each>
void each_object(const json::object& from, std::string_view name, Each&& each) {
  const auto* list = member(from, name);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : list->get_array()) {
    if (item.is_object()) each(item.get_object());
  }
}

template <class Each>
void each_member(const json::object& from, std::string_view name, Each&& each) {
  const auto* object = member(from, name);
  if (object == nullptr || !object->is_object()) return;
  for (const auto& item : object->get_object()) each(std::string(item.key()), item.value());
}

inline void read(const json::object& from, std::string_view name, std::vector<std::string>& to) {
  const auto* list = member(from, name);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : list->get_array()) {
    if (item.is_string()) to.emplace_back(view(item.get_string()));
  }
}

}  // namespace portalkey::sandbox
