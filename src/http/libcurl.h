#pragma once

#include <stdexcept>

namespace portalkey {

/// Thrown where the first HTTP client is made, if the shared library is not there or is another one than Debian's package
/// libcurl4 has.
class NoLibcurl : public std::runtime_error {
  using runtime_error::runtime_error;
};

}  // namespace portalkey
