#include "azure/graph.h"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace portalkey {

Result<Reply> Graph::call(std::string_view method, std::string_view path, const std::optional<boost::json::value>& body) const {
  return portalkey::call(azure_, azure_.cloud.graph_resource(), method, url(path), body);
}

Result<boost::json::array> Graph::list(std::string_view path, std::string_view doing) const {
  return list_all(azure_, azure_.cloud.graph_resource(), url(path), "@odata.nextLink", doing);
}

Url Graph::url(std::string_view path) const { return Url(fmt::format("https://{}/{}{}", azure_.cloud.graph, version_, path)); }

}  // namespace portalkey
