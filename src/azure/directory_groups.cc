#include "azure/directory_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/ascii.h"
#include "base/foreign_text.h"
#include "base/guid.h"
#include "base/percent_encoding.h"

namespace portalkey {
namespace {

constexpr std::string_view kUserType = "#microsoft.graph.user";

Error named_permissions(Error error) {
  if (error.code == Errc::forbidden)
    error.remedy =
        "Grant the profile's credential GroupMember.Read.All and User.Read.All, with an administrator's consent; or give "
        "a file of UPNs.";
  return error;
}

/// Graph doubles apostrophes in texts of a filter.
std::string in_filter(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

Result<std::string> id_of_group(const Graph& graph, std::string_view group) {
  if (is_guid(group)) return std::string(group);
  auto found =
      graph.list(fmt::format("/groups?$filter={}&$select=id,displayName", percent_encode("displayName eq " + in_filter(group))),
                 "look the group up");
  if (!found) return std::unexpected(named_permissions(std::move(found).error()));
  if (found->empty())
    return fail(Errc::not_found, fmt::format("the tenant has no group {}", group), "Give its display name, or its object id.");
  std::string ids;
  for (const auto& one : *found) ids += (ids.empty() ? "" : ", ") + foreign_id(raw_text_at(one, {"id"}));
  if (found->size() > 1)
    return fail(Errc::invalid_input, fmt::format("the tenant has {} groups {}: {}", found->size(), group, ids),
                "Give the object id of the one that is meant.");
  auto id = raw_text_at(found->front(), {"id"});
  if (!is_guid(id)) return fail(Errc::unavailable, "Microsoft Graph's id of the group is none", "Run the command again.");
  return id;
}

}  // namespace

Result<std::vector<DirectoryUser>> users_in_group(const Graph& graph, std::string_view group) {
  auto id = id_of_group(graph, group);
  if (!id) return pass(id);
  // Without a cast to users, which would need Graph's index, and that is behind.
  auto members =
      graph.list(fmt::format("/groups/{}/transitiveMembers?$select=id,userPrincipalName,accountEnabled,userType&$top=999", *id),
                 "read who is in the group");
  if (!members) return std::unexpected(named_permissions(std::move(members).error()));
  std::vector<DirectoryUser> users;
  for (const auto& member : *members) {
    if (text_at(member, {"@odata.type"}) != kUserType) continue;
    auto user = directory_user(member);
    if (user.upn.empty())
      return std::unexpected(named_permissions(
          Error{Errc::forbidden, "Microsoft Graph does not show the names of the users in the group", "", {}}));
    users.push_back(std::move(user));
  }
  std::ranges::sort(users, {}, [](const DirectoryUser& user) { return lower(user.upn); });
  return users;
}

}  // namespace portalkey
