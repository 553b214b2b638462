#pragma once
// Looks users up in Microsoft Graph.
// Source: learn.microsoft.com/graph/api/user-list, graph/aad-advanced-queries.

#include <boost/json/array.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "azure/graph.h"

namespace portalkey {

/// What Graph does not show (to an account that may read only basic profiles) is nullopt.
struct DirectoryUser {
  std::string id;  ///< as it came: see check_plain_id
  std::string upn, display_name;
  std::optional<bool> enabled;
  std::optional<bool> guest;
};

/// Of an object as Graph sends it.
DirectoryUser directory_user(const boost::json::value& object);

/// The `value` items of an address below Graph's version, such as `/users?$filter=…`.
using ListItems = std::function<Result<boost::json::array>(const std::string& path)>;

/// Users whose `property` (`id`, `userPrincipalName`) is one of `values`, 15 per call, each handed to `take`. `on_step`: how
/// many were asked for so far.
Result<void> each_user(std::string_view property, const std::vector<std::string>& values, const ListItems& list,
                       const std::function<Result<void>(DirectoryUser)>& take,
                       const std::function<void(std::size_t)>& on_step = {});

/// Those of `upns` that exist, by UPN in lower case. `upns` have no doubled apostrophes.
Result<std::map<std::string, DirectoryUser>> find_users(const Graph& graph, const std::vector<std::string>& upns,
                                                        const std::function<void(std::size_t)>& on_step = {});

}  // namespace portalkey
