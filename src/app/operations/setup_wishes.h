#pragma once
// What a set-up is asked for, and what that, an earlier run's record and the profile say together.

#include <optional>
#include <string>
#include <vector>

#include "app/profile/profile.h"
#include "provision/apply.h"

namespace portalkey {

/// What is empty is as it was, or as it is usual. The values are those of `setup`'s options (docs/setup.md).
struct SetupWishes {
  std::string tenant, cloud, subscription, resource_group, location, vault, secret_name;
  std::string app_name, app_id, app_credential, issuer, subject, token_file;
  std::optional<int> retention_days;
  std::optional<bool> purge_protection;
  std::vector<std::string> allow_ip, redirect_uris, tags;
  std::string network, role_scope;
  bool recover = false, app_roles = false, grant_me = false;
};

/// invalid_input names the wish. `profile` is as it was found (or the defaults).
Result<Desired> desired_from(const SetupWishes& wishes, const Profile& profile, const Record& record,
                             const std::filesystem::path& config, const Environment& environment);

/// What a later run must know to want the same.
Record record_of(const Desired& desired, Record before);

}  // namespace portalkey
