#pragma once
// Looks users up in Microsoft Graph.
// Source: learn.microsoft.com/graph/api/user-list, graph/aad-advanced-queries.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "azure/graph.h"

namespace portalkey {

/// What Graph does not show (to an account that may read only basic profiles) is nullopt.
struct DirectoryUser {
  std::string upn;
  std::optional<bool> enabled;
  std::optional<bool> guest;
};

/// Of an object as Graph sends it.
DirectoryUser directory_user(const boost::json::value& object);

/// Those of `upns` that exist, by UPN in lower case; 15 per call. `upns` have no doubled apostrophes. `on_step`: how many were
/// asked for so far.
Result<std::map<std::string, DirectoryUser>> find_users(const Graph& graph, const std::vector<std::string>& upns,
                                                        const std::function<void(std::size_t)>& on_step = {});

}  // namespace portalkey
