#include "service/audit/canonical_object.h"

#include <fmt/format.h>

#include <iterator>

namespace portalkey {

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void CanonicalObject::text(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  begin(name);
  append_json_string(out_, value);
}

void CanonicalObject::number(std::string_view name, std::int64_t value) {
  begin(name);
  fmt::format_to(std::back_inserter(out_), "{}", value);
}

void CanonicalObject::begin(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  append_json_string(out_, name);
  out_ += ':';
}

}  // namespace portalkey
