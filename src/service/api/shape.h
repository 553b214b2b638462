#pragma once
// What a JSON body may hold: checked before a handler sees it, and told in the OpenAPI document from the same table.
// Only for .cc files of parts that link Boost::json.

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/api/problem.h"

namespace portalkey {

struct Shape;

struct Field {
  enum class Kind { text, number, flag, texts, object, objects, anything } kind = Kind::text;
  std::string_view name;
  std::string_view what;  ///< for people
  bool required = false;
  bool secret = false;  ///< goes in, never comes out
  bool nullable = false;
  std::vector<std::string_view> values = {};  ///< the only ones; empty: any
  std::string_view format = {};               ///< of JSON Schema: `date-time`, `uuid`, `byte`
  std::int64_t least = 0, most = 0;           ///< of a number, of a text's bytes, of how many items; both 0: any
  const Shape* of = nullptr;                  ///< of objects
};

struct Shape {
  std::string_view name;  ///< in the document's components
  std::vector<Field> fields;
  bool open = false;  ///< others may come: of answers only
};

/// The first thing wrong with it; nullopt: nothing. What is no member of the shape is refused by its name.
std::optional<Problem> why_not_of(const boost::json::object& value, const Shape& shape, const std::string& pointer = {});

/// As JSON Schema (2020-12), nested shapes by reference; each that is met is added to `schemas` once.
boost::json::object schema_of(const Shape& shape, boost::json::object& schemas);
boost::json::object schema_of(const Field& field, boost::json::object& schemas);

}  // namespace portalkey
