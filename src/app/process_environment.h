#pragma once

#include "base/secret.h"
#include "entra/credentials/environment.h"

namespace portalkey {

/// That of this process. Its `secret` is take_from_environment.
Environment process_environment();

/// The value of an environment variable, which is then wiped and removed from the environment. Empty if it is not set. Not
/// while another thread may read the environment.
Secret take_from_environment(const char* name);

}  // namespace portalkey
