#pragma once
// The options of `portalkey setup`, and what they, an earlier run's record and the profile say together.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/profile/profile.h"
#include "cli/terminal/command.h"
#include "provision/apply.h"

namespace portalkey {

struct SetupOptions {
  std::string tenant, cloud, subscription, resource_group, location, vault, secret_name;
  std::string app_name, app_id, app_credential, issuer, subject, token_file;
  std::optional<int> retention_days;
  std::optional<bool> purge_protection;
  std::vector<std::string> allow_ip, redirect_uris, tags;
  std::string network, role_scope;
  bool recover = false, app_roles = false, grant_me = false;
};

/// All options; `destroy` and `export` take them too, so that a command line can be repeated with another verb.
void add_setup_options(Command command, const std::shared_ptr<SetupOptions>& options);

/// invalid_input names the option. `profile` is as it was found (or the defaults).
Result<Desired> desired_from(const SetupOptions& options, const Profile& profile, const Record& record,
                             const std::filesystem::path& config);

/// What a later run must know to want the same.
Record record_of(const Desired& desired, Record before);

}  // namespace portalkey
