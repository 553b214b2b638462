#include "app/process_environment.h"

#include <cstdlib>
#include <cstring>
#include <string>

namespace portalkey {

Environment process_environment() {
  return {[](const char* name) {
            const char* value = std::getenv(name);
            return value == nullptr ? std::string() : std::string(value);
          },
          [](const char* name) { return take_from_environment(name); }};
}

Secret take_from_environment(const char* name) {
  char* value = std::getenv(name);
  if (value == nullptr) return {};
  Secret taken{std::string_view(value)};
  explicit_bzero(value, std::strlen(value));  // the block the kernel shows as /proc/PID/environ
  ::unsetenv(name);
  return taken;
}

}  // namespace portalkey
