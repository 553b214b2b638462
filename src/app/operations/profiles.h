#pragma once
// The profiles of somebody who looks after many tenants.

#include <optional>
#include <string>
#include <vector>

#include "app/profile/profile_list.h"

namespace portalkey {

struct KnownProfile {
  ProfilePlace place;
  std::optional<Profile> profile;  ///< as load_profile gives it
  std::optional<Error> problem;    ///< why there is none, or what is wrong with its files
};

/// Every profile, looked at without a word to a service. `check_files`: also those that it keeps secrets in, as each command
/// does before it works. An Error only if there is no list to read.
Result<std::vector<KnownProfile>> look_at_profiles(const ProfileChoice& choice, const Environment& environment,
                                                   bool check_files);

/// The choice, with the profile of this name.
ProfileChoice choice_of(ProfileChoice choice, const ProfilePlace& place);

}  // namespace portalkey
