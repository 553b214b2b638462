#pragma once
// The texts of AADSTS codes that were set for a test, as JSON: `{"530099":"…"}`. Included by .cc files only.

#include <charconv>
#include <map>
#include <optional>
#include <string>

#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

inline json::object error_texts_json(const std::map<int, std::string>& texts) {
  json::object out;
  for (const auto& [code, text] : texts) out[std::to_string(code)] = text;
  return out;
}

/// null is none; nullopt if it is not an object of codes and texts.
inline std::optional<std::map<int, std::string>> error_texts_from(const json::value& value) {
  std::map<int, std::string> out;
  if (value.is_null()) return out;
  if (!value.is_object()) return std::nullopt;
  for (const auto& item : value.get_object()) {
    int code = 0;
    const auto key = item.key();
    const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), code);
    if (problem != std::errc() || end != key.data() + key.size() || code <= 0 || !item.value().is_string()) return std::nullopt;
    out[code] = view(item.value().get_string());
  }
  return out;
}

}  // namespace portalkey::sandbox
