#include "cli/terminal/secret_output.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/system_error.h"

namespace portalkey {

std::string why_no_secrets_to_standard_output() {
  if (::isatty(STDOUT_FILENO) == 1) return "a terminal";
  struct stat facts{};
  if (::fstat(STDOUT_FILENO, &facts) != 0 || S_ISSOCK(facts.st_mode)) return {};  // closed: writing tells
  const auto others = facts.st_mode & (S_IRWXG | S_IRWXO);
  if (S_ISFIFO(facts.st_mode) && others == 0) return {};
  if (S_ISREG(facts.st_mode) && others == 0 && facts.st_uid == ::geteuid()) return {};
  if (S_ISCHR(facts.st_mode) && facts.st_rdev == makedev(1, 3)) return {};
  return fmt::format("{} that other accounts may read (mode {:04o}, uid {})",
                     S_ISREG(facts.st_mode)    ? "a file"
                     : S_ISFIFO(facts.st_mode) ? "a named pipe"
                                               : "a device",
                     facts.st_mode & 07777U, facts.st_uid);
}

Result<SecretOutput> SecretOutput::create(const std::filesystem::path& path) {
  auto place = find_place(path, LastLink::kept);
  if (!place) return pass(place);
  auto file = NewFile::create(std::move(*place), NewFile::Existing::kept);
  if (!file) return pass(file);
  return SecretOutput(std::move(*file));
}

Result<SecretOutput> SecretOutput::standard_output(bool any) {
  if (const auto why = any ? std::string() : why_no_secrets_to_standard_output(); !why.empty()) {
    return fail(Errc::invalid_input,
                "secret keys are written to a pipe or to a file that only you can read; standard output is " + why,
                "Use -O FILE. (Or umask 077, before > makes the file.)");
  }
  return SecretOutput(std::nullopt);
}

Result<void> SecretOutput::write(std::string_view bytes) {
  if (file_) return file_->write(bytes);
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write", "standard output");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> SecretOutput::keep() {
  if (file_) return file_->put_in_place();
  return {};
}

}  // namespace portalkey
