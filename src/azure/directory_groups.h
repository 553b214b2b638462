#pragma once
// Who is in a group.
// Source: learn.microsoft.com/graph/api/{group-list,group-list-transitivemembers}.

#include <string>
#include <string_view>
#include <vector>

#include "azure/directory_users.h"

namespace portalkey {

/// The users in a group, and in groups within it. `group`: its display name, or its object id. not_found; invalid_input:
/// several have that name (their ids are told). forbidden: the caller needs GroupMember.Read.All, and User.Read.All to learn
/// the users' names.
Result<std::vector<DirectoryUser>> users_in_group(const Graph& graph, std::string_view group);

}  // namespace portalkey
