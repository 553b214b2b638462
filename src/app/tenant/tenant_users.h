#pragma once
// The users of a command's tokens, looked up in Microsoft Graph if the profile has what it takes.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "azure/directory_users.h"
#include "jobs/model/progress.h"

namespace portalkey {

struct NotChecked {
  std::string what, why, remedy;
};

struct TenantUsers {
  /// Those that exist, by account_of() their UPN; nullopt: they were not looked up.
  std::optional<std::map<std::string, DirectoryUser>> found;
  std::vector<NotChecked> not_checked;
};

/// Why Microsoft Graph's directory cannot be asked with this profile; nullopt: it can, as far as one knows.
std::optional<Error> why_graph_is_not_asked(const Profile& profile);

/// The accounts among `upns` that have a guest's UPN and are members: external ones. None where Graph cannot be asked. Error:
/// only if interrupted.
Result<std::set<std::string>> external_members(Tenant& tenant, const std::vector<std::string>& upns, Progress& progress);

/// `accounts`: as account_of() makes them. Error: only if interrupted.
Result<TenantUsers> look_users_up(Tenant& tenant, const std::set<std::string>& accounts, Progress& progress);

}  // namespace portalkey
