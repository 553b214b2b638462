#pragma once

#include "app/profile/profile.h"
#include "entra/credentials/environment.h"
#include "http/curl_http.h"

namespace portalkey {

/// How a profile reaches its hosts: directly, through a proxy, or to a sandbox.
CurlOptions wire_of(const Profile& profile, const Environment& environment);

}  // namespace portalkey
