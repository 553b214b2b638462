#include "base/new_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "base/crash_point.h"
#include "base/random.h"
#include "base/system_error.h"

namespace portalkey {
namespace {

constexpr std::string_view kTemporaryMark = ".portalkey-";  // no file of a user's is named like this

std::string random_suffix() {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  Random random;
  std::string suffix;
  while (suffix.size() < kTemporarySuffix) suffix += kLetters[random.below(kLetters.size())];
  return suffix;
}

/// `facts`: of what is there; null if that is not known.
std::unexpected<Error> exists_already(const std::filesystem::path& path, const struct stat* facts) {
  const bool plain = facts == nullptr || S_ISREG(facts->st_mode);
  return std::unexpected(Error{Errc::conflict,
                               fmt::format("the output file exists already{}",
                                           plain ? "" : fmt::format(" and is {}, which is left alone", kind_of(*facts))),
                               "Remove it, or choose another name.",
                               {{"file", path.string()}}});
}

}  // namespace

std::string temporary_prefix(std::string_view name) { return fmt::format(".{}{}", name, kTemporaryMark); }

Result<NewFile> NewFile::create(TrustedPlace place, Existing existing, Temporary how) {
  if (existing == Existing::kept && place.there) return exists_already(place.named, &*place.there);
  if (auto fine = judge_replaceable(place); !fine) return pass(fine);
  NewFile file(std::move(place), existing);
  const int folder = file.place_.folder.fd.get();
  if (existing == Existing::kept && how == Temporary::nameless_if_possible) {
    file.fd_ = Descriptor(::openat(folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (!file.fd_.open() && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
      return system_error("cannot create the file", file.place_.named);
  }
  for (int tries = 0; !file.fd_.open(); ++tries) {
    std::string name = temporary_prefix(file.place_.name) + random_suffix();
    file.fd_ = Descriptor(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file.fd_.open()) file.temporary_ = std::move(name);
    if (!file.fd_.open() && (errno != EEXIST || tries == 100)) return system_error("cannot create the file", file.place_.named);
  }
  struct stat facts{};
  if (::fstat(file.fd_.get(), &facts) != 0) return system_error("cannot create the file", file.place_.named);
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "this file system cannot keep a file from the other accounts of this machine",
                                 "Choose a folder on another one.",
                                 {{"file", file.place_.named.string()}}});
  }
  return file;
}

NewFile::NewFile(NewFile&& o) noexcept
    : place_(std::move(o.place_)),
      existing_(o.existing_),
      fd_(std::move(o.fd_)),
      temporary_(std::exchange(o.temporary_, std::string())) {}

NewFile::~NewFile() {
  if (!temporary_.empty()) ::unlinkat(place_.folder.fd.get(), temporary_.c_str(), 0);
}

Result<void> NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("cannot write", place_.named);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

/// False: errno says why.
bool NewFile::name_it() const {
  const int folder = place_.folder.fd.get();
  const char* const name = place_.name.c_str();
  if (temporary_.empty()) {
    const std::string itself = fmt::format("/proc/self/fd/{}", fd_.get());
    return ::linkat(AT_FDCWD, itself.c_str(), folder, name, AT_SYMLINK_FOLLOW) == 0;
  }
  const char* const before = temporary_.c_str();
  if (existing_ == Existing::replaced) return ::renameat(folder, before, folder, name) == 0;
  if (::renameat2(folder, before, folder, name, RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return ::linkat(folder, before, folder, name, 0) == 0 && ::unlinkat(folder, before, 0) == 0;
}

Result<void> NewFile::put_in_place() {
  if (::fsync(fd_.get()) != 0) return system_error("cannot make the contents durable", place_.named);
  crash_point();
  if (!name_it()) {
    if (errno == EEXIST) return exists_already(place_.named, nullptr);
    return system_error("cannot put the new contents in place", place_.named);
  }
  temporary_.clear();
  crash_point();
  const Descriptor folder(::openat(place_.folder.fd.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.open() || ::fsync(folder.get()) != 0) return system_error("cannot make the folder durable", place_.folder.path);
  return {};
}

}  // namespace portalkey
