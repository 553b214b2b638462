#include "service/api/shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/foreign_text.h"
#include "base/guid.h"

namespace portalkey {
namespace {

namespace json = boost::json;
using Kind = Field::Kind;

Problem wrong(const std::string& pointer, std::string detail, std::string remedy = "Correct the request.") {
  Problem problem;
  problem.status = 400;
  problem.code = "invalid_input";
  problem.detail = std::move(detail);
  problem.remedy = std::move(remedy);
  problem.field = pointer;
  return problem;
}

std::string_view type_text(Kind kind) {
  switch (kind) {
    case Kind::text: return "a text";
    case Kind::number: return "a whole number";
    case Kind::flag: return "true or false";
    case Kind::texts: return "a list of texts";
    case Kind::object: return "an object";
    case Kind::objects: return "a list of objects";
    case Kind::anything: return "any value";
  }
  return "";
}

bool has_kind(const json::value& value, Kind kind) {
  const auto all = [&](auto test) { return value.is_array() && std::ranges::all_of(value.get_array(), test); };
  switch (kind) {
    case Kind::text: return value.is_string();
    case Kind::number: return value.is_int64() || (value.is_uint64() && value.get_uint64() <= INT64_MAX);
    case Kind::flag: return value.is_bool();
    case Kind::texts: return all([](const json::value& item) { return item.is_string(); });
    case Kind::object: return value.is_object();
    case Kind::objects: return all([](const json::value& item) { return item.is_object(); });
    case Kind::anything: return true;
  }
  return false;
}

/// What is measured of it: a number itself, a text's length, how many items.
std::optional<std::int64_t> size_of(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return static_cast<std::int64_t>(value.get_uint64());
  if (value.is_string()) return static_cast<std::int64_t>(value.get_string().size());
  if (value.is_array()) return static_cast<std::int64_t>(value.get_array().size());
  return std::nullopt;
}

std::optional<Problem> why_not_value(const json::value& value, const Field& field, const std::string& pointer) {
  if (value.is_null() && field.nullable) return std::nullopt;
  if (!has_kind(value, field.kind)) return wrong(pointer, fmt::format("{} must be {}", field.name, type_text(field.kind)));
  const auto size = size_of(value);
  if (size && (field.least != 0 || field.most != 0) && (*size < field.least || (field.most != 0 && *size > field.most))) {
    const auto* const unit = value.is_string() ? " bytes" : value.is_array() ? " items" : "";
    return wrong(pointer, fmt::format("{} must be {} to {}{}, and is {}", field.name, field.least, field.most, unit, *size));
  }
  if (const auto* text = value.if_string()) {
    if (!field.values.empty() && std::ranges::find(field.values, std::string_view(*text)) == field.values.end())
      return wrong(pointer, fmt::format("{} must be one of: {}", field.name, fmt::join(field.values, ", ")));
    if (field.format == "uuid" && !is_guid(*text)) return wrong(pointer, fmt::format("{} must be a GUID", field.name));
  }
  if (field.kind == Kind::object) return why_not_of(value.get_object(), *field.of, pointer);
  if (field.kind == Kind::objects) {
    std::size_t i = 0;
    for (const auto& item : value.get_array()) {
      if (auto problem = why_not_of(item.get_object(), *field.of, fmt::format("{}/{}", pointer, i++))) return problem;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Problem> why_not_of(const json::object& value, const Shape& shape, const std::string& pointer) {
  for (const auto& member : value) {
    const auto field = std::ranges::find(shape.fields, std::string_view(member.key()), &Field::name);
    if (field == shape.fields.end()) {
      if (shape.open) continue;
      std::string names;
      for (const auto& known : shape.fields) names += (names.empty() ? "" : ", ") + std::string(known.name);
      return wrong(pointer, fmt::format("there is no member {} here", foreign_text(member.key())),
                   names.empty() ? "Leave it out." : "Members: " + names + ".");
    }
    if (auto problem = why_not_value(member.value(), *field, pointer + "/" + std::string(field->name))) return problem;
  }
  for (const auto& field : shape.fields) {
    if (field.required && !value.contains(field.name))
      return wrong(pointer + "/" + std::string(field.name), fmt::format("{} is missing", field.name),
                   fmt::format("Give it: {}", field.what));
  }
  return std::nullopt;
}

json::object schema_of(const Field& field, json::object& schemas) {
  json::object out;
  const auto reference = [&] {
    (void)schema_of(*field.of, schemas);
    return json::object{{"$ref", fmt::format("#/components/schemas/{}", field.of->name)}};
  };
  switch (field.kind) {
    case Kind::text:
      out["type"] = "string";
      if (field.most != 0) out["maxLength"] = field.most;
      if (field.least != 0) out["minLength"] = field.least;
      break;
    case Kind::number:
      out["type"] = "integer";
      if (field.least != 0 || field.most != 0) out["minimum"] = field.least;
      if (field.most != 0) out["maximum"] = field.most;
      break;
    case Kind::flag: out["type"] = "boolean"; break;
    case Kind::texts:
      out["type"] = "array";
      out["items"] = {{"type", "string"}};
      break;
    case Kind::object: out = reference(); break;
    case Kind::objects:
      out["type"] = "array";
      out["items"] = reference();
      break;
    case Kind::anything: break;
  }
  if (field.kind == Kind::texts || field.kind == Kind::objects) {
    if (field.least != 0) out["minItems"] = field.least;
    if (field.most != 0) out["maxItems"] = field.most;
  }
  if (field.nullable && out.contains("type")) out["type"] = json::array{out["type"], "null"};
  if (!field.values.empty()) {
    json::array values;
    for (const auto value : field.values) values.emplace_back(value);
    if (field.nullable) values.emplace_back(nullptr);
    out["enum"] = std::move(values);
  }
  if (!field.format.empty()) out["format"] = field.format;
  if (field.secret) out["writeOnly"] = true;
  out["description"] = field.what;
  return out;
}

json::object schema_of(const Shape& shape, json::object& schemas) {
  if (!schemas.contains(shape.name)) {
    schemas[shape.name] = nullptr;  // so that one that holds itself comes to an end
    json::object properties;
    json::array required;
    for (const auto& field : shape.fields) {
      properties[field.name] = schema_of(field, schemas);
      if (field.required) required.emplace_back(field.name);
    }
    json::object out{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) out["required"] = std::move(required);
    if (!shape.open) out["additionalProperties"] = false;
    schemas[shape.name] = std::move(out);
  }
  return {{"$ref", fmt::format("#/components/schemas/{}", shape.name)}};
}

}  // namespace portalkey
