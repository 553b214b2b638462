#include "service/callers/limits_text.h"

#include <boost/json.hpp>

namespace portalkey {
namespace {

bool read_texts(const boost::json::value& from, std::set<std::string>& to) {
  if (!from.is_array()) return false;
  for (const auto& item : from.get_array()) {
    if (!item.is_string()) return false;
    to.emplace(std::string_view(item.get_string()));
  }
  return !to.empty();  // an empty set would be no limit at all
}

bool read_limit(std::string_view name, const boost::json::value& value, CallerLimits& to) {
  if (name == "tenants") return read_texts(value, to.tenants);
  if (name == "domains") return read_texts(value, to.domains);
  if (name == "groups") return read_texts(value, to.groups);
  if (name == "tokensADay" && value.is_int64() && value.get_int64() > 0) {
    to.tokens_a_day = static_cast<std::size_t>(value.get_int64());
    return true;
  }
  if (name == "mayExport" && value.is_bool()) {
    to.may_export = value.get_bool();
    return true;
  }
  return false;
}

}  // namespace

std::string text_of(const std::set<Right>& rights) {
  std::string out;
  for (const Right right : rights) {
    if (!out.empty()) out += ' ';
    out += name_of(right);
  }
  return out;
}

std::set<Right> rights_in(std::string_view text) {
  std::set<Right> out;
  while (!text.empty()) {
    const auto name = text.substr(0, text.find(' '));
    if (const auto right = right_of(name)) out.insert(*right);
    text.remove_prefix(std::min(name.size() + 1, text.size()));
  }
  return out;
}

std::string text_of(const CallerLimits& limits) {
  boost::json::object out;
  const auto add = [&](const char* name, const std::set<std::string>& texts) {
    if (!texts.empty()) out[name] = boost::json::value_from(texts);
  };
  add("tenants", limits.tenants);
  add("domains", limits.domains);
  add("groups", limits.groups);
  if (limits.tokens_a_day) out["tokensADay"] = static_cast<std::int64_t>(*limits.tokens_a_day);
  if (!limits.may_export) out["mayExport"] = false;
  return boost::json::serialize(out);
}

std::optional<CallerLimits> limits_in(std::string_view text) {
  boost::system::error_code problem;
  const auto parsed = boost::json::parse(text, problem);
  if (problem || !parsed.is_object()) return std::nullopt;
  CallerLimits out;
  for (const auto& member : parsed.get_object()) {
    if (!read_limit(member.key(), member.value(), out)) return std::nullopt;
  }
  return out;
}

}  // namespace portalkey
