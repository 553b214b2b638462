#include "app/json/portal_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"

namespace portalkey {

std::string json_of(const std::vector<const ReadOperation*>& operations) {
  boost::json::array out;
  for (const auto* one : operations) {
    boost::json::array parameters;
    for (const auto& parameter : parameters_of(*one)) {
      if (parameter.paging) continue;
      parameters.push_back(
          {{"name", parameter.name}, {"in", parameter.in_path ? "path" : "query"}, {"required", parameter.required}});
    }
    out.push_back({{"name", one->name},
                   {"path", "/api" + std::string(one->path)},
                   {"parameters", std::move(parameters)},
                   {"description", one->what},
                   {"answer", one->answer}});
  }
  return json_text(out);
}

}  // namespace portalkey
