#pragma once
// The one table of what the service answers.

#include <map>
#include <span>
#include <string>

#include "service/api/route.h"

namespace portalkey {

std::span<const Route> routes();

/// By method and path; HEAD is as GET. Null: none. `values`: of the path's names. `allowed`: methods that this path has.
const Route* find_route(std::string_view method, std::string_view path, std::map<std::string, std::string>& values,
                        std::string& allowed);

/// OpenAPI 3.1 of the table. `url`: where it is served.
std::string openapi_document(const std::string& url);

}  // namespace portalkey
