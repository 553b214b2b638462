#pragma once

#include <string>
#include <vector>

#include "app/operations/profiles.h"
#include "base/remedy.h"

namespace portalkey {

/// What a profile is set to; nothing in it is secret.
std::string json_of(const Profile& profile);
/// `[{"name","file","profile": {...} or null,"error": {...} or null}]`.
std::string json_of(const std::vector<KnownProfile>& profiles, const Words& words);

}  // namespace portalkey
