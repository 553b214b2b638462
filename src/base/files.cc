#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "base/new_file.h"
#include "base/system_error.h"

namespace portalkey {
namespace {

Result<Secret> read_descriptor(int fd, std::size_t limit_bytes, const std::filesystem::path& name) {
  std::string bytes;
  bytes.reserve(16384);
  char chunk[16384];
  for (;;) {
    const ssize_t n = ::read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot read", name);
    if (n == 0) break;
    if (bytes.size() + static_cast<std::size_t>(n) > limit_bytes) {
      wipe(bytes);
      return std::unexpected(Error{Errc::invalid_input,
                                   fmt::format("the file is larger than the {} bytes expected here", limit_bytes),
                                   "Check that this is the right file.",
                                   {{"file", name.string()}}});
    }
    if (bytes.size() + static_cast<std::size_t>(n) > bytes.capacity()) {  // grow without leaving a copy behind
      std::string larger;
      larger.reserve(bytes.capacity() * 2);
      larger = bytes;
      std::swap(bytes, larger);
      wipe(larger);
    }
    bytes.append(chunk, static_cast<std::size_t>(n));
  }
  explicit_bzero(chunk, sizeof chunk);
  Secret out(bytes);
  wipe(bytes);
  return out;
}

Descriptor reopened(const TrustedFolder& folder) {
  return Descriptor(::openat(folder.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::unexpected<Error> not_ours_alone(const std::filesystem::path& folder, std::string what) {
  return std::unexpected(Error{Errc::invalid_input,
                               std::move(what),
                               fmt::format("Make it yours alone (chown, chmod 700), or choose another folder."),
                               {{"folder", folder.string()}}});
}

}  // namespace

FileState FileState::of(const std::filesystem::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_dev, facts.st_ino, static_cast<std::uint64_t>(facts.st_size), facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
}

Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit_bytes, FileUse use) {
  const auto fd = open_to_read(path, use);
  if (!fd) return std::unexpected(fd.error());
  return read_descriptor(fd->get(), limit_bytes, path);
}

Result<Secret> read_stdin(std::size_t limit_bytes) { return read_descriptor(STDIN_FILENO, limit_bytes, "standard input"); }

Result<bool> file_exists(const std::filesystem::path& path) {
  const auto place = find_place(path);
  if (place) return place->there.has_value();
  if (place.error().code == Errc::not_found) return false;
  return std::unexpected(place.error());
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  auto place = find_place(path);
  if (!place) return pass(place);
  auto file = NewFile::create(std::move(*place), NewFile::Existing::replaced);
  if (!file) return pass(file);
  if (auto written = file->write(bytes); !written) return written;
  return file->put_in_place();
}

Result<void> check_writable(const std::filesystem::path& path) {
  auto place = find_place(path);
  if (!place) return pass(place);
  return judge_replaceable(*place);
}

Result<void> judge_file(const std::filesystem::path& path, FileUse use, LastLink last) {
  const auto place = find_place(path, last);
  if (!place && place.error().code == Errc::not_found) return {};
  if (!place) return std::unexpected(place.error());
  if (!place->there) return {};
  return judge(*place, use);
}

Result<void> remove_file_durably(const std::filesystem::path& path) {
  const auto place = find_place(path, LastLink::kept);
  if (!place) {
    if (place.error().code == Errc::not_found) return {};
    return std::unexpected(place.error());
  }
  if (!place->there) return {};
  if (::unlinkat(place->folder.fd.get(), place->name.c_str(), 0) != 0) {
    if (errno == ENOENT) return {};
    return system_error("cannot remove", path);
  }
  const auto folder = reopened(place->folder);
  if (!folder.open() || ::fsync(folder.get()) != 0) return system_error("cannot make the folder durable", place->folder.path);
  return {};
}

void remove_interrupted_writes(const std::filesystem::path& path) {
  const auto place = find_place(path);  // of a link: beside what it leads to, where the writes were
  if (!place) return;
  const int folder = ::openat(place->folder.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(folder), ::closedir);
  if (!listing) {
    ::close(folder);
    return;
  }
  const std::string prefix = temporary_prefix(place->name);
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string_view name = entry->d_name;
    const bool temporary =
        name.size() == prefix.size() + kTemporarySuffix && name.starts_with(prefix) &&
        std::ranges::all_of(name.substr(prefix.size()), [](unsigned char c) { return std::isalnum(c) != 0; });
    if (temporary) ::unlinkat(place->folder.fd.get(), entry->d_name, 0);
  }
}

Result<void> check_private_folder(const std::filesystem::path& path) {
  const auto folder = find_folder(path);
  if (!folder) return std::unexpected(folder.error());
  if (!folder->shared) return {};
  return not_ours_alone(path, "other accounts may make files in the folder: what lies there cannot be trusted");
}

Result<void> check_own_folder(const std::filesystem::path& path) {
  const auto folder = find_folder(path);
  if (!folder) return std::unexpected(folder.error());
  struct stat facts{};
  if (::fstat(folder->fd.get(), &facts) != 0) return system_error("cannot look at the folder", path);
  if (facts.st_uid != ::geteuid())
    return not_ours_alone(path, fmt::format("the folder belongs to another account (uid {})", facts.st_uid));
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return not_ours_alone(
        path, fmt::format("the folder is open to other accounts of this machine (mode {:04o})", facts.st_mode & 07777U));
  return {};
}

Result<void> make_private_folder(const std::filesystem::path& path) {
  const auto folder = find_folder(path, Missing::made);
  if (!folder) return std::unexpected(folder.error());
  return {};
}

}  // namespace portalkey
