#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/json_text.h"
#include "service/api/routes.h"

namespace portalkey {
namespace {

namespace json = boost::json;

const Shape& problem_shape() {
  using Kind = Field::Kind;
  static const Shape shape{"Problem",
                           {{Kind::text, "type", "A URI of the kind of problem", true},
                            {Kind::text, "title", "What kind it is", true},
                            {Kind::number, "status", "The HTTP status", true},
                            {Kind::text, "code", "Stable, for programs", true},
                            {Kind::text, "detail", "One sentence for a person", true},
                            {Kind::text, "remedy", "What to do about it"},
                            {Kind::text, "field", "A JSON pointer into the body, or the name of a parameter"},
                            {Kind::anything, "context", "What else is known"},
                            {Kind::text, "correlationId", "The request's id"}}};
  return shape;
}

json::object parameter(const Field& field, const char* in, json::object& schemas) {
  json::object schema = schema_of(field, schemas);
  schema.erase("description");
  return {{"name", field.name},
          {"in", in},
          {"required", field.required || std::string_view(in) == "path"},
          {"description", field.what},
          {"schema", std::move(schema)}};
}

std::string_view path_value_is(std::string_view name) {
  if (name == "tenant") return "The tenant's name: that of its profile";
  if (name == "serialNumber") return "The token's serial number";
  if (name == "upn") return "The user's principal name";
  return "The job's id, or how it begins";
}

json::object answer_json(const Answer& answer, json::object& schemas) {
  json::object out{{"description", answer.what}};
  if (answer.status == 202) {
    const auto header = [](const char* what) { return json::object{{"description", what}, {"schema", {{"type", "string"}}}}; };
    out["headers"] = {
        {"Location", header("Answers 202 until the job has ended, and then as it would have been answered at once")},
        {"Operation-Location", header("Tells how the job is")},
        {"Retry-After", header("Seconds to wait before asking")}};
  }
  json::object content;
  if (answer.of != nullptr) content["schema"] = schema_of(*answer.of, schemas);
  if (answer.of != nullptr || answer.type != "application/json") out["content"] = {{answer.type, std::move(content)}};
  if (answer.of == nullptr && answer.type == "application/json") out["content"] = {{answer.type, json::object()}};
  return out;
}

json::object operation_json(const Route& route, json::object& schemas) {
  json::object out{{"operationId", route.id}, {"summary", route.summary}};
  if (!route.description.empty()) out["description"] = route.description;
  json::array parameters;
  for (const auto name : route.path_values())
    parameters.push_back(parameter({Field::Kind::text, name, path_value_is(name), true}, "path", schemas));
  for (const auto& field : route.query) parameters.push_back(parameter(field, "query", schemas));
  if (route.writes) {
    parameters.push_back(parameter({Field::Kind::text,
                                    "Idempotency-Key",
                                    "The same request with the same key is answered again, not done again",
                                    false,
                                    false,
                                    false,
                                    {},
                                    {},
                                    1,
                                    256},
                                   "header", schemas));
  }
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (route.body != nullptr) {
    json::object content{{"application/json", {{"schema", schema_of(*route.body, schemas)}}}};
    if (route.other_bodies) {
      content["multipart/form-data"] = {
          {"schema",
           {{"type", "object"},
            {"properties",
             {{"file", {{"type", "string"}, {"format", "binary"}, {"description", "The seed file"}}},
              {"people", {{"type", "string"}, {"format", "binary"}, {"description", "Who gets which token"}}}}},
            {"required", {"file"}}}}};
    }
    out["requestBody"] = {{"required", !route.body_optional}, {"content", std::move(content)}};
  }
  json::object responses;
  for (const auto& answer : route.answers) responses[std::to_string(answer.status)] = answer_json(answer, schemas);
  responses["default"] = {{"description", "What went wrong (RFC 9457)"},
                          {"content", {{"application/problem+json", {{"schema", schema_of(problem_shape(), schemas)}}}}}};
  out["responses"] = std::move(responses);
  out["security"] = route.open ? json::array() : json::array{json::object{{"bearer", json::array()}}};
  if (route.right) out["x-portalkey-right"] = name_of(*route.right);
  return out;
}

}  // namespace

std::string openapi_document(const std::string& url) {
  json::object schemas, paths;
  for (const auto& route : routes()) {
    json::value& path = paths[route.path];
    if (!path.is_object()) path = json::object();
    std::string method(route.method);
    for (auto& c : method) c = static_cast<char>(c - 'A' + 'a');
    path.get_object()[method] = operation_json(route, schemas);
  }
  return json_text(json::object{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "portalkey"},
        {"version", PORTALKEY_VERSION},
        {"description", "Hardware OATH tokens for Microsoft Entra, from the vendor's seed file to activated tokens."},
        {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
      {"servers", {{{"url", url}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"schemas", std::move(schemas)},
        {"securitySchemes",
         {{"bearer",
           {{"type", "http"},
            {"scheme", "bearer"},
            {"description", "An access token of Microsoft Entra, or an API key"}}}}}}}});
}

}  // namespace portalkey
