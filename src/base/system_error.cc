#include "base/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace portalkey {

std::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  const Errc code = number == ENOENT                      ? Errc::not_found
                    : number == EACCES || number == EPERM ? Errc::forbidden
                                                          : Errc::unavailable;
  std::string remedy;
  if (number == ENOENT) remedy = "Check the path.";
  if (number == ENOTDIR) remedy = "Check the path: a part of it is no folder.";
  if (number == EACCES || number == EPERM) remedy = "Run as a user who may use this file, or change its owner or mode.";
  if (number == EROFS) remedy = "The file system is read-only: choose another folder, or have it mounted writable.";
  if (number == ENOSPC || number == EDQUOT) remedy = "Free some disk space and run the command again.";
  return std::unexpected(Error{code, fmt::format("{}: {}", what, std::strerror(number)), remedy, {{"file", path.string()}}});
}

}  // namespace portalkey
