#pragma once

#include <string>

#include "provision/desired.h"

namespace portalkey {

/// A POSIX shell script of az commands that makes the app registration and its service principal, and prints the object id.
std::string app_script(const Desired& desired);

}  // namespace portalkey
