#include "base/indented_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/secret_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

void append_indented(std::string& out, const json::value& value, std::size_t depth) {
  const auto line = [&](std::size_t levels) { out += "\n" + std::string(2 * levels, ' '); };
  const auto list = [&](char open, char close, const auto& items, const auto& write) {
    out += open;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out += ',';
      first = false;
      line(depth + 1);
      write(item);
    }
    if (!first) line(depth);
    out += close;
  };
  if (value.is_object()) {
    list('{', '}', value.get_object(), [&](const json::key_value_pair& member) {
      out += json_text(json::string(member.key())) + ": ";
      append_indented(out, member.value(), depth + 1);
    });
  } else if (value.is_array()) {
    list('[', ']', value.get_array(), [&](const json::value& item) { append_indented(out, item, depth + 1); });
  } else {
    out += json_text(value);
  }
}

}  // namespace

std::string indented_json(const json::value& value) {
  std::string out;
  append_indented(out, value, 0);
  return out;
}

std::optional<std::string> indented_json(std::string_view text) {
  boost::system::error_code problem;
  const auto parsed = parse_secret_json(text, problem);
  if (problem) return std::nullopt;
  return indented_json(parsed);
}

}  // namespace portalkey
