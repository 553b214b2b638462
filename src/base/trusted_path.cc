#include "base/trusted_path.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <fstream>
#include <string_view>

#include "base/system_error.h"

namespace portalkey {
namespace {

constexpr int kMostLinks = 40;  // as the kernel has it

/// In a user namespace, the number that stands for every account outside of it, root included; empty if it stands for none.
std::optional<uid_t> outsiders() {
  static const std::optional<uid_t> found = []() -> std::optional<uid_t> {
    std::uint64_t overflow = 65534, first = 0, outside = 0, count = 0;
    std::ifstream("/proc/sys/kernel/overflowuid") >> overflow;
    std::ifstream map("/proc/self/uid_map");
    if (!map) return std::nullopt;
    while (map >> first >> outside >> count) {
      if (overflow >= first && overflow - first < count) return std::nullopt;
    }
    return static_cast<uid_t>(overflow);
  }();
  return found;
}

/// Outsiders are taken for root where root alone decides who owns something: not in a shared folder.
bool is_our_own(const struct stat& facts, bool in_shared_folder) {
  return facts.st_uid == ::geteuid() || facts.st_uid == 0 || (!in_shared_folder && facts.st_uid == outsiders());
}

bool others_may_write(const struct stat& facts) { return (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0; }

bool mounted_read_only(const TrustedFolder& folder) {
  struct statvfs mount{};
  return ::fstatvfs(folder.fd.get(), &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0;
}

/// `culprit`: what is at fault, a `role` (folder, link) of the path that was given.
std::unexpected<Error> refuse(const std::filesystem::path& named, std::string_view role, const std::filesystem::path& culprit,
                              std::string what, std::string remedy) {
  Error error{Errc::invalid_input, std::move(what), std::move(remedy), {{"file", named.string()}}};
  if (culprit.lexically_normal() != named.lexically_normal()) error.context.emplace_back(role, culprit.string());
  return std::unexpected(std::move(error));
}

/// The parts of a path. One that can only be a folder's ends with "." or "..".
std::deque<std::string> parts_of(std::string_view path) {
  std::deque<std::string> parts;
  const bool folder = path.ends_with('/');
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    const auto part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (!part.empty() && (part != "." || path.empty())) parts.emplace_back(part);
  }
  if (folder) parts.emplace_back(".");
  return parts;
}

class Walk {
 public:
  explicit Walk(const std::filesystem::path& named) : named_(named) {}

  Result<TrustedPlace> to_place(LastLink last) {
    auto name = go(Goal::place, last, Missing::not_found);
    if (!name) return pass(name);
    TrustedPlace place{std::move(at_), std::move(*name), std::nullopt, named_};
    struct stat facts{};
    if (::fstatat(place.folder.fd.get(), place.name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
      place.there = facts;
    } else if (errno != ENOENT) {
      return system_error("cannot open", named_);
    }
    return place;
  }

  Result<TrustedFolder> to_folder(Missing missing) {
    if (auto gone = go(Goal::folder, LastLink::followed, missing); !gone) return pass(gone);
    return std::move(at_);
  }

 private:
  enum class Goal { place, folder };

  /// Goes to the folder, or to the folder of the file, whose name it returns.
  Result<std::string> go(Goal goal, LastLink last, Missing missing) {
    left_ = parts_of(named_.string());
    if (named_.empty()) return missing_part();
    if (auto begun = begin(named_.is_absolute()); !begun) return pass(begun);
    while (!left_.empty()) {
      const std::string name = std::move(left_.front());
      left_.pop_front();
      const bool is_last = left_.empty() && goal == Goal::place;
      if (name == "." || name == "..") {
        if (auto entered = enter(name); !entered) return pass(entered);
        if (is_last) break;
        continue;
      }
      struct stat facts{};
      bool there = look(name, facts);
      if (!there && errno != ENOENT) return system_error("cannot open", named_);
      if (!there && in_link()) return dangling();
      if (is_last && (!there || !S_ISLNK(facts.st_mode) || last == LastLink::kept)) return name;
      if (!there && missing == Missing::made) {
        if (::mkdirat(at_.fd.get(), name.c_str(), 0700) != 0 && errno != EEXIST) return cannot_make(name);
        there = look(name, facts);
      }
      if (!there) return missing_part();
      auto gone = S_ISLNK(facts.st_mode) ? follow(name, facts) : enter(name);
      if (!gone) return pass(gone);
    }
    if (goal == Goal::place)
      return refuse(named_, "folder", at_.path, "this is a folder, not a file", "Name a file in it, or another one.");
    return std::string();
  }

  bool look(const std::string& name, struct stat& facts) const {
    return ::fstatat(at_.fd.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
  }

  Result<void> begin(bool absolute) {
    const char* const where = absolute ? "/" : ".";
    at_ = TrustedFolder();
    return settle(Descriptor(::open(where, O_PATH | O_DIRECTORY | O_CLOEXEC)), where);
  }

  Result<void> enter(const std::string& name) {
    return settle(Descriptor(::openat(at_.fd.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)),
                  name == "."       ? at_.path
                  : at_.path == "." ? std::filesystem::path(name)
                                    : at_.path / name);
  }

  Result<void> settle(Descriptor folder, const std::filesystem::path& path) {
    struct stat facts{};
    if (!folder.open() || ::fstat(folder.get(), &facts) != 0) return system_error("cannot open", named_);
    if (!is_our_own(facts, at_.shared)) {
      return refuse(
          named_, "folder", path,
          fmt::format("the folder belongs to another account (uid {}), who can put there what he likes", facts.st_uid),
          "Run portalkey as that account, make the folder yours (chown), or choose another one.");
    }
    const bool shared = others_may_write(facts);
    if (shared && (facts.st_mode & S_ISVTX) == 0) {
      return refuse(named_, "folder", path, "other accounts may write to the folder: what lies there cannot be trusted",
                    fmt::format("chmod go-w '{}', or choose another folder.", path.string()));
    }
    at_ = {std::move(folder), path, shared};
    return {};
  }

  Result<void> follow(const std::string& name, const struct stat& facts) {
    const auto link = at_.path / name;
    if (!is_our_own(facts, at_.shared)) {
      return refuse(named_, "link", link,
                    fmt::format("a link that another account (uid {}) has made is not followed", facts.st_uid),
                    "Look who put it there; remove it, or name another file.");
    }
    if (at_.shared && !mounted_read_only(at_)) {
      return refuse(named_, "link", link, "a link in a folder where other accounts may make files is not followed",
                    "Name the file that it leads to, or keep the link in a folder of your own.");
    }
    if (++links_ > kMostLinks)
      return refuse(named_, "link", link, "there are too many links on the way to the file", "Name the file itself.");
    std::string target(4096, '\0');
    const auto size = ::readlinkat(at_.fd.get(), name.c_str(), target.data(), target.size());
    if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return system_error("cannot follow the link", link);
    target.resize(static_cast<std::size_t>(size));
    if (!in_link()) {
      link_ = link;
      behind_link_ = left_.size();
    }
    auto parts = parts_of(target);
    left_.insert(left_.begin(), parts.begin(), parts.end());
    if (!target.starts_with('/')) return {};
    return begin(true);
  }

  /// The part taken last is still one of a link's own.
  bool in_link() const { return links_ > 0 && left_.size() >= behind_link_; }

  std::unexpected<Error> dangling() const {
    return refuse(named_, "link", link_, "the link leads to nothing", "Remove it, or make what it leads to.");
  }
  std::unexpected<Error> missing_part() const {
    errno = ENOENT;
    return system_error("cannot open", named_);
  }
  std::unexpected<Error> cannot_make(const std::string& name) const {
    return system_error("cannot make the folder", at_.path / name);
  }

  std::filesystem::path named_;
  TrustedFolder at_;
  std::deque<std::string> left_;  // parts of the path still to go
  int links_ = 0;
  std::filesystem::path link_;  // the last one that was on the path itself, not behind another
  std::size_t behind_link_ = 0;
};

/// The name of a descriptor that whoever started the process gave it.
bool is_handed_over(const std::filesystem::path& file) {
  const std::string name = file.string();
  if (name == "/dev/stdin") return true;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!name.starts_with(folder)) continue;
    const auto number = std::string_view(name).substr(folder.size());
    return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  }
  return false;
}

Result<void> judge_facts(const struct stat& facts, FileUse use, bool shared, const std::filesystem::path& named,
                         const std::filesystem::path& path) {
  const auto no = [&](std::string what, std::string remedy) -> std::unexpected<Error> {
    return refuse(named, "leads to", path, std::move(what), std::move(remedy));
  };
  if (!S_ISREG(facts.st_mode) && (use != FileUse::key || !S_ISFIFO(facts.st_mode)))
    return no(fmt::format("this is {}, not a file", kind_of(facts)), "Name a plain file.");
  if (!is_our_own(facts, shared)) {
    return no(fmt::format("the file belongs to another account (uid {}), who can change it", facts.st_uid),
              "Look who put it there; make it yours (chown), or name another one.");
  }
  const auto mode = facts.st_mode & 07777U;
  if (use == FileUse::secret) {
    const bool only_roots_group = facts.st_uid == 0 && (mode & (S_IWGRP | S_IRWXO)) == 0;
    if ((mode & (S_IRWXG | S_IRWXO)) != 0 && !only_roots_group) {
      return no(fmt::format("the file holds a secret and is open to other accounts of this machine (mode {:04o})", mode),
                fmt::format("chmod 600 '{}'; if others have read it meanwhile, make a new one.", path.string()));
    }
  }
  if (others_may_write(facts)) {
    return no(fmt::format("the file can be changed by other accounts of this machine (mode {:04o})", mode),
              fmt::format("chmod go-w '{}', once you have looked whether it is as you left it.", path.string()));
  }
  if (shared && facts.st_nlink > 1) {
    return no("the file has a second name (a hard link), and lies in a folder where other accounts may make files",
              "Keep it in a folder of your own.");
  }
  return {};
}

}  // namespace

std::string_view kind_of(const struct stat& facts) {
  switch (facts.st_mode & S_IFMT) {
    case S_IFREG: return "a plain file";
    case S_IFDIR: return "a folder";
    case S_IFLNK: return "a link";
    case S_IFIFO: return "a named pipe";
    case S_IFSOCK: return "a socket";
    default: return "a device";
  }
}

Result<TrustedPlace> find_place(const std::filesystem::path& file, LastLink last) { return Walk(file).to_place(last); }

Result<TrustedFolder> find_folder(const std::filesystem::path& folder, Missing missing) {
  return Walk(folder.empty() ? std::filesystem::path(".") : folder).to_folder(missing);
}

Result<void> judge(const TrustedPlace& place, FileUse use) {
  return judge_facts(*place.there, use, place.folder.shared, place.named, place.path());
}

Result<void> judge_replaceable(const TrustedPlace& place) {
  if (!place.there) return {};
  const auto& facts = *place.there;
  const auto no = [&](std::string what) {
    return refuse(place.named, "leads to", place.path(), std::move(what),
                  "Look who put it there; remove it, or name another file.");
  };
  if (!S_ISREG(facts.st_mode)) return no(fmt::format("this is {}, not a file, and is not written over", kind_of(facts)));
  if (!is_our_own(facts, place.folder.shared))
    return no(fmt::format("the file belongs to another account (uid {}) and is not written over", facts.st_uid));
  if (place.folder.shared && facts.st_nlink > 1)
    return no("the file has a second name (a hard link), and lies in a folder where other accounts may make files");
  return {};
}

Result<Descriptor> open_to_read(const std::filesystem::path& file, FileUse use) {
  struct stat facts{};
  if (use == FileUse::input || is_handed_over(file)) {
    Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd.open() || ::fstat(fd.get(), &facts) != 0) return system_error("cannot open", file);
    if (S_ISDIR(facts.st_mode))
      return refuse(file, "", file, "this is a folder, not a file", "Name a file in it, or another one.");
    if (use != FileUse::input && S_ISREG(facts.st_mode)) {
      if (auto fine = judge_facts(facts, use, false, file, file); !fine) return pass(fine);
    }
    return fd;
  }
  auto place = find_place(file);
  if (!place) return pass(place);
  if (!place->there) {
    errno = ENOENT;
    return system_error("cannot open", file);
  }
  if (auto fine = judge(*place, use); !fine) return pass(fine);
  Descriptor fd(::openat(place->folder.fd.get(), place->name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY));
  if (!fd.open() || ::fstat(fd.get(), &facts) != 0) return system_error("cannot open", file);
  place->there = facts;
  if (auto fine = judge(*place, use); !fine) return pass(fine);
  return fd;
}

Result<Descriptor> open_in_place(const std::filesystem::path& file) {
  auto place = find_place(file, LastLink::kept);
  if (!place) return pass(place);
  if (place->there) {
    if (auto fine = judge(*place, FileUse::secret); !fine) return pass(fine);
  }
  Descriptor fd(::openat(place->folder.fd.get(), place->name.c_str(),
                         O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600));
  struct stat facts{};
  if (!fd.open() || ::fstat(fd.get(), &facts) != 0) return system_error("cannot open", file);
  place->there = facts;
  if (auto fine = judge(*place, FileUse::secret); !fine) return pass(fine);
  return fd;
}

}  // namespace portalkey
