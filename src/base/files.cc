#include "base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "base/crash_point.h"

namespace portalkey {
namespace {

constexpr std::string_view kTemporaryMark = ".portalkey-";  // no file of a user's is named like this
constexpr std::string_view kTemporarySuffix = "XXXXXX";     // mkostemp replaces it

std::string temporary_prefix(const std::filesystem::path& path) {
  return "." + path.filename().string() + std::string(kTemporaryMark);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::unexpected<Error> system_error(std::string_view what, const std::filesystem::path& path) {
  const int number = errno;
  const Errc code = number == ENOENT                      ? Errc::not_found
                    : number == EACCES || number == EPERM ? Errc::forbidden
                                                          : Errc::unavailable;
  std::string remedy;
  if (number == ENOENT) remedy = "Check the path.";
  if (number == EACCES || number == EPERM) remedy = "Run as a user who may use this file, or change its owner or mode.";
  if (number == ENOSPC || number == EDQUOT) remedy = "Free some disk space and run the command again.";
  return std::unexpected(Error{code, fmt::format("{}: {}", what, std::strerror(number)), remedy, {{"file", path.string()}}});
}

Result<void> sync_folder(const std::filesystem::path& file) {
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.open() || ::fsync(fd.get()) != 0) return system_error("cannot make the folder durable", folder);
  return {};
}

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

}  // namespace

FileState FileState::of(const std::filesystem::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_dev, facts.st_ino, static_cast<std::uint64_t>(facts.st_size), facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec};
}

Result<Secret> read_file(const std::filesystem::path& path, std::size_t limit_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.open()) return system_error("cannot open", path);
  return read_descriptor(fd.get(), limit_bytes, path);
}

Result<Secret> read_stdin(std::size_t limit_bytes) { return read_descriptor(STDIN_FILENO, limit_bytes, "standard input"); }

Result<void> write_file_atomically(const std::filesystem::path& named, std::string_view bytes) {
  std::error_code ignored;  // a link stays a link: what it points to is replaced
  const auto path = std::filesystem::is_symlink(named, ignored) ? std::filesystem::canonical(named, ignored) : named;
  std::string temporary = (path.parent_path() / temporary_prefix(path)).string() + std::string(kTemporarySuffix);
  const Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));  // creates with mode 0600
  if (!fd.open()) return system_error("cannot create a file beside it", path);
  const auto give_up = [&](std::string_view what) {
    auto error = system_error(what, path);
    ::unlink(temporary.c_str());
    return error;
  };
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return give_up("cannot write");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (::fsync(fd.get()) != 0) return give_up("cannot make the contents durable");
  crash_point();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up("cannot put the new contents in place");
  crash_point();
  return sync_folder(path);
}

Result<void> remove_file_durably(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return system_error("cannot remove", path);
  }
  return sync_folder(path);
}

void remove_interrupted_writes(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::string prefix = temporary_prefix(path);
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    const bool temporary =
        name.size() == prefix.size() + kTemporarySuffix.size() && name.starts_with(prefix) &&
        std::ranges::all_of(name.substr(prefix.size()), [](unsigned char c) { return std::isalnum(c) != 0; });
    if (temporary) std::filesystem::remove(entry.path(), ignored);
  }
}

Result<void> check_private_folder(const std::filesystem::path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return system_error("cannot look at the folder", path);
  const bool ours = facts.st_uid == ::geteuid() || facts.st_uid == 0;
  if (ours && (facts.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  return std::unexpected(
      Error{Errc::invalid_input,
            "the folder belongs to somebody else, or others may write to it: what lies there cannot be trusted",
            "Make it yours alone (chown, chmod 700), or choose another folder.",
            {{"folder", path.string()}}});
}

Result<void> make_private_folder(const std::filesystem::path& path) {
  std::error_code ignored;
  if (path.empty() || std::filesystem::is_directory(path, ignored)) return {};
  if (auto parent = make_private_folder(path.parent_path()); !parent) return parent;
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_error("cannot make the folder", path);
  return {};
}

}  // namespace portalkey
