// Answers in Graph's shape: errors, one object, a page of objects.

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "base/time_text.h"
#include "sandbox/graph/call.h"
#include "sandbox/graph/odata.h"

namespace portalkey::sandbox {
namespace {

constexpr std::size_t kPage = 100;
constexpr std::size_t kMostPerPage = 999;
constexpr std::size_t kMostAlternatives = 15;  // joined by `or`, or listed by `in`

/// The names in `$select`, or what the shape sends without.
std::vector<std::string> selection(const GraphCall& call, const GraphShape& shape) {
  const auto asked = call.request.parameter("$select");
  return asked ? split_names(*asked) : shape.usual;
}

json::object selected(const json::object& item, const std::vector<std::string>& names) {
  if (names.empty()) return item;
  json::object out;
  if (const auto* type = item.if_contains("@odata.type")) out["@odata.type"] = *type;
  for (const auto& one : item) {
    const std::string_view key(one.key().data(), one.key().size());
    if (std::ranges::any_of(names, [&](const auto& name) { return same_ignoring_case(name, key); }))
      out[one.key()] = one.value();
  }
  return out;
}

HttpResponse no_such_property(const GraphCall& call, std::string_view where, std::string_view name, const GraphShape& shape) {
  return graph_error(call, 400, "BadRequest",
                     std::string(where) + "Could not find a property named '" + std::string(name) +
                         "' on type 'microsoft.graph." + std::string(shape.type) + "'.");
}

/// The first name that the object does not have; empty if it has all.
std::string missing(const json::object& item, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (name != "*" && member(item, name) == nullptr) return name;
  }
  return {};
}

std::string context_of(const GraphCall& call, const GraphShape& shape, bool entity) {
  std::string out = call.base() + "/$metadata#" + std::string(shape.context);
  if (const auto names = call.request.parameter("$select")) out += '(' + std::string(*names) + ')';
  return entity ? out + "/$entity" : out;
}

bool eventual(const GraphCall& call) { return same_ignoring_case(call.request.header("consistencylevel"), "eventual"); }

HttpResponse needs_eventual(const GraphCall& call, std::string_view what) {
  return graph_error(call, 400, "Request_UnsupportedQuery",
                     std::string(what) +
                         " is not supported because the 'ConsistencyLevel:eventual' header is missing. Refer to "
                         "https://aka.ms/graph-docs/advanced-queries for more information");
}

std::string id_of(const json::object& item) { return string_member(item, "id").value_or(""); }

/// This page's address, but for the part that says where it begins.
std::string next_link(const GraphCall& call, const std::string& last_id) {
  std::string out = call.base();
  const auto below = call.request.path.find('/', 1);
  out += below == std::string::npos ? "" : call.request.path.substr(below);
  char separator = '?';
  for (const auto& [name, value] : call.request.query) {
    if (name == "$skiptoken") continue;
    out += std::exchange(separator, '&') + name + '=' + percent_encode(value);
  }
  return out + separator + "$skiptoken=" + base64url(last_id);
}

}  // namespace

HttpResponse graph_error(const GraphCall& call, int status, std::string_view code, std::string_view message) {
  const auto client_id = call.request.header("client-request-id");
  std::string date = iso_time(call.world.clock.now());
  date.pop_back();  // without the Z, as Graph writes it here
  return json_answer(status, {{"error",
                               {{"code", code},
                                {"message", message},
                                {"innerError",
                                 {{"date", date},
                                  {"request-id", call.request_id},
                                  {"client-request-id", client_id.empty() ? call.request_id : std::string(client_id)}}}}}});
}

HttpResponse graph_bad_request(const GraphCall& call, std::string_view message) {
  return graph_error(call, 400, "Request_BadRequest", message);
}

HttpResponse graph_not_found(const GraphCall& call, std::string_view id) {
  if (const auto equals = id.find('='); equals != std::string_view::npos) id.remove_prefix(equals + 1);
  return graph_error(
      call, 404, "Request_ResourceNotFound",
      "Resource '" + std::string(id) + "' does not exist or one of its queried reference-property objects are not present.");
}

HttpResponse graph_denied(const GraphCall& call) {
  return graph_error(call, 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

HttpResponse graph_conflict(const GraphCall& call, std::string_view message) {
  return graph_error(call, 409, "Request_MultipleObjectsWithSameKeyValue", message);
}

HttpResponse graph_not_allowed(const GraphCall& call) {
  return graph_error(call, 405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");
}

HttpResponse graph_no_content() {
  HttpResponse answer;
  answer.status = 204;
  return answer;
}

HttpResponse graph_no_segment(const GraphCall& call, std::string_view name) {
  return graph_error(call, 400, "BadRequest", "Resource not found for the segment '" + std::string(name) + "'.");
}

bool graph_selects(const GraphCall& call, std::string_view name) {
  const auto asked = call.request.parameter("$select");
  return asked && std::ranges::any_of(split_names(*asked), [&](const auto& one) { return same_ignoring_case(one, name); });
}

HttpResponse graph_entity(const GraphCall& call, const GraphShape& shape, json::object item, int status) {
  const auto names = selection(call, shape);
  if (const auto name = missing(item, names); !name.empty()) {
    return no_such_property(call, "Parsing OData Select and Expand failed: ", name, shape);
  }
  json::object out{{"@odata.context", context_of(call, shape, true)}};
  for (auto& one : selected(item, names)) out[one.key()] = one.value();
  auto answer = json_answer(status, out);
  if (status == 201) {
    answer.headers.emplace_back(
        "Location", call.base() + '/' + std::string(shape.context.substr(0, shape.context.find('('))) + '/' + id_of(item));
  }
  return answer;
}

HttpResponse graph_list(const GraphCall& call, const GraphShape& shape, std::vector<json::object> items, std::size_t others) {
  std::ranges::sort(items, {}, id_of);
  const auto parameter = [&](std::string_view name) { return std::string(call.request.parameter(name).value_or("")); };
  if (const auto text = parameter("$filter"); !text.empty()) {
    const auto filter = ODataFilter::parse(text);
    if (!filter) return graph_error(call, 400, "BadRequest", "Invalid filter clause: Syntax error in '" + text + "'.");
    if (filter->alternatives() > kMostAlternatives) {
      return graph_error(call, 400, "Request_UnsupportedQuery",
                         "Too many child clauses specified in search filter expression containing 'OR' operators: " +
                             std::to_string(filter->alternatives()) + ". Max allowed: " + std::to_string(kMostAlternatives) +
                             '.');
    }
    if (!filter->advanced().empty() && !eventual(call)) {
      return needs_eventual(call, "Operator '" + filter->advanced() + '\'');
    }
    if (!items.empty()) {
      if (const auto name = missing(items.front(), filter->properties()); !name.empty()) {
        return no_such_property(call, "Invalid filter clause: ", name, shape);
      }
    }
    std::erase_if(items, [&](const json::object& item) { return !filter->matches(item); });
  }
  if (auto text = parameter("$search"); !text.empty()) {
    if (!eventual(call)) return needs_eventual(call, "Search");
    std::erase(text, '"');
    const auto colon = text.find(':');
    const auto wanted = lower(colon == std::string::npos ? text : text.substr(colon + 1));
    const std::string where = colon == std::string::npos ? "displayName" : text.substr(0, colon);
    std::erase_if(items, [&](const json::object& item) {
      return lower(string_member(item, where).value_or("")).find(wanted) == std::string::npos;
    });
  }
  const auto total = items.size() + others;
  if (call.counts) {
    if (!eventual(call)) return needs_eventual(call, "$count");
    return text_answer(200, "text/plain", std::to_string(total));
  }

  std::size_t size = kPage;
  if (const auto top = parameter("$top"); !top.empty()) {
    const auto [end, error] = std::from_chars(top.data(), top.data() + top.size(), size);
    if (error != std::errc{} || end != top.data() + top.size() || size < 1 || size > kMostPerPage) {
      return graph_error(call, 400, "Request_UnsupportedQuery",
                         "Invalid page size specified: '" + top + "'. Must be between 1 and 999 inclusive.");
    }
  }
  if (const auto token = parameter("$skiptoken"); !token.empty()) {
    const auto last = decode_base64url(token);
    if (!last)
      return graph_error(call, 400, "Directory_ExpiredPageToken",
                         "The specified page token value has expired and can no longer be included in your request.");
    std::erase_if(items, [&](const json::object& item) { return id_of(item) <= *last; });
  }
  json::object out{{"@odata.context", context_of(call, shape, false)}};
  if (parameter("$count") == "true") out["@odata.count"] = total;
  if (items.size() > size) {
    out["@odata.nextLink"] = next_link(call, id_of(items[size - 1]));
    items.resize(size);
  }
  const auto names = selection(call, shape);
  json::array value;
  for (const auto& item : items) {
    if (const auto name = missing(item, names); !name.empty() && !shape.mixed) {
      return no_such_property(call, "Parsing OData Select and Expand failed: ", name, shape);
    }
    value.push_back(selected(item, names));
  }
  out["value"] = std::move(value);
  return json_answer(200, out);
}

std::expected<json::object, HttpResponse> graph_body(const GraphCall& call) {
  auto body = parse_json_object(call.request.body);
  if (!body) {
    return std::unexpected(
        graph_error(call, 400, "BadRequest",
                    call.request.body.empty()
                        ? "Write requests (excluding DELETE) must contain the Content-Type header declaration and a body."
                        : "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of "
                          "valid JSON format."));
  }
  return std::move(*body);
}

json::value graph_time(std::int64_t unix_seconds) {
  if (unix_seconds == 0) return nullptr;
  return json::value(iso_time(from_unix_seconds(unix_seconds)));
}

}  // namespace portalkey::sandbox
