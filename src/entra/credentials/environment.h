#pragma once

#include <functional>
#include <string>

#include "base/secret.h"

namespace portalkey {

/// The process's environment, as far as credentials read it; tests give their own.
struct Environment {
  /// A variable's value; empty if it is not set.
  std::function<std::string(const char*)> variable;
  /// The same for one that is secret; it is wiped from the environment and must be kept by whoever asked.
  std::function<Secret(const char*)> secret;
};

}  // namespace portalkey
