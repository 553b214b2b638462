#include "cli/terminal/key_file.h"

#include <fmt/format.h>

#include <system_error>

#include "cli/terminal/output.h"

namespace portalkey {

void warn_if_all_may_read(const std::filesystem::path& file) {
  std::error_code ignored;
  const auto status = std::filesystem::status(file, ignored);
  if (std::filesystem::is_regular_file(status) &&
      (status.permissions() & std::filesystem::perms::others_read) != std::filesystem::perms::none) {
    warn(fmt::format("every account of this machine may read {}: chmod 600 it", file.string()));
  }
}

}  // namespace portalkey
