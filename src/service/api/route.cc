#include "service/api/route.h"

namespace portalkey {

std::string Call::value(std::string_view name) const {
  const auto found = values.find(std::string(name));
  return found == values.end() ? std::string() : found->second;
}

std::string Call::text(std::string_view member) const {
  const auto* found = body.if_contains(member);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->get_string());
}

bool Call::flag(std::string_view member) const {
  const auto* found = body.if_contains(member);
  return found != nullptr && found->is_bool() && found->get_bool();
}

std::vector<std::string> Call::texts(std::string_view member) const {
  std::vector<std::string> all;
  const auto* found = body.if_contains(member);
  if (found == nullptr || !found->is_array()) return all;
  for (const auto& item : found->get_array()) all.emplace_back(item.as_string());
  return all;
}

std::vector<std::string_view> Route::path_values() const {
  std::vector<std::string_view> names;
  for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1))
    names.push_back(path.substr(at + 1, path.find('}', at) - at - 1));
  return names;
}

}  // namespace portalkey
