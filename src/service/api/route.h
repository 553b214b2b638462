#pragma once
// The route table's form. What is served, checked, documented (OpenAPI) and tested comes from the one table (api/routes.h).

#include <boost/json.hpp>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/api/shape.h"
#include "service/callers/caller.h"
#include "web/http_message.h"

namespace portalkey {

class Service;

/// A request that a handler may answer: its caller is known and may, its parameters and body are of the route's form.
struct Call {
  const HttpRequest& request;
  const Caller& caller;
  std::string correlation;                    ///< a GUID
  std::map<std::string, std::string> values;  ///< of the path and the query, by name
  boost::json::object body;                   ///< empty where the route has none

  bool has(std::string_view name) const { return values.contains(std::string(name)); }
  std::string value(std::string_view name) const;
  std::string text(std::string_view member) const;  ///< of the body; empty: none
  bool flag(std::string_view member) const;
  std::vector<std::string> texts(std::string_view member) const;
};

struct Answer {
  int status = 200;
  std::string what;
  const Shape* of = nullptr;  ///< null: as `type` says
  std::string_view type = "application/json";
  bool list = false;  ///< an array of them
};

struct Route {
  std::string_view method, path;  ///< `/v1/tenants/{tenant}/tokens`; a segment in braces is a value
  std::string_view id;            ///< the operation's, stable: `listTokens`
  std::string_view summary, description;
  std::optional<Right> right;  ///< nullopt with `open`: anybody's; otherwise any right
  bool open = false;           ///< needs no caller at all
  bool writes = false;         ///< takes Idempotency-Key, stands in the audit trail before it is done
  std::vector<Field> query = {};
  const Shape* body = nullptr;
  bool body_optional = false;
  bool other_bodies = false;  ///< the handler reads what is no JSON itself
  std::vector<Answer> answers = {};
  HttpResponse (*handle)(Service& service, Call& call) = nullptr;

  std::vector<std::string_view> path_values() const;  ///< their names
};

}  // namespace portalkey
