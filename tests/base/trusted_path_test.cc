#include "base/trusted_path.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>
#include <functional>

#include "base/files.h"
#include "base/new_file.h"
#include "tests/temporary_folder.h"

namespace portalkey::trusted_path_test {
namespace {

namespace fs = std::filesystem;

constexpr uid_t kStranger = 65534;

bool root() { return ::geteuid() == 0; }

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

fs::path write(const fs::path& path, mode_t mode = 0600) {
  std::ofstream(path) << "contents";
  ::chmod(path.c_str(), mode);
  return path;
}

void give_away(const fs::path& path) { ASSERT_EQ(::lchown(path.c_str(), kStranger, kStranger), 0); }

/// A folder `home` with a file `file`, and `elsewhere` with what a link may lead to.
struct World {
  TemporaryFolder root;
  fs::path home = root / "home", file = home / "file", elsewhere = root / "elsewhere", other = elsewhere / "other";
  World() {
    fs::create_directory(home);
    fs::create_directory(elsewhere);
    write(file);
    write(other);
  }
  void link(const fs::path& to) {
    fs::remove(file);
    fs::create_symlink(to, file);
  }
};

struct Layout {
  const char* name;
  bool takes_root;
  std::function<void(World&)> make;
  const char* word;  ///< of the refusal
};

// Whatever it is used for, each is refused; see the table of modes below for what depends on the use.
const Layout kHostile[] = {
    {"a file of another account's", true, [](World& w) { give_away(w.file); }, "belongs to another account"},
    {"a file that all may write", false, [](World& w) { ::chmod(w.file.c_str(), 0602); }, "other accounts"},
    {"a file that its group may write", false, [](World& w) { ::chmod(w.file.c_str(), 0620); }, "other accounts"},
    {"a folder of another account's", true, [](World& w) { give_away(w.home); }, "folder belongs to another account"},
    {"a folder that all may write", false, [](World& w) { ::chmod(w.home.c_str(), 0777); }, "may write to the folder"},
    {"a folder that its group may write", false, [](World& w) { ::chmod(w.home.c_str(), 0770); }, "may write to the folder"},
    {"a folder above that all may write", false, [](World& w) { ::chmod(w.root.path().c_str(), 0777); },
     "may write to the folder"},
    {"a folder of another account's in a shared one", true,
     [](World& w) {
       ::chmod(w.root.path().c_str(), 01777);
       give_away(w.home);
     },
     "folder belongs to another account"},
    {"a planted link", true,
     [](World& w) {
       w.link(w.other);
       give_away(w.file);
     },
     "is not followed"},
    {"a planted link in place of the folder", true,
     [](World& w) {
       fs::rename(w.home, w.root / "moved");
       fs::create_symlink("moved", w.home);
       give_away(w.home);
     },
     "is not followed"},
    {"a link in a shared folder", false,
     [](World& w) {
       w.link(w.other);
       ::chmod(w.home.c_str(), 01777);
     },
     "is not followed"},
    {"a link to a shared folder where another link lies", true,
     [](World& w) {
       ::chmod(w.elsewhere.c_str(), 01777);
       fs::create_symlink(w.other, w.elsewhere / "second");
       give_away(w.elsewhere / "second");
       w.link(w.elsewhere / "second");
     },
     "is not followed"},
    {"a link to a folder of another account's", true,
     [](World& w) {
       w.link(w.other);
       give_away(w.elsewhere);
     },
     "folder belongs to another account"},
    {"a link that leads to nothing", false, [](World& w) { w.link(w.elsewhere / "none"); }, "leads to nothing"},
    {"a link to itself", false, [](World& w) { w.link(w.file); }, "too many links"},
    {"a hard link in a shared folder", false,
     [](World& w) {
       ::chmod(w.home.c_str(), 01777);
       fs::create_hard_link(w.file, w.elsewhere / "hard");
     },
     "hard link"},
    {"a folder in place of the file", false,
     [](World& w) {
       fs::remove(w.file);
       fs::create_directory(w.file);
     },
     "this is a folder"},
    {"a socket or device in place of the file", true,
     [](World& w) {
       fs::remove(w.file);
       ASSERT_EQ(::mknod(w.file.c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
     },
     "this is a device"},
    {"a named pipe in place of the file", false,
     [](World& w) {
       fs::remove(w.file);
       ASSERT_EQ(::mkfifo(w.file.c_str(), 0600), 0);
     },
     "named pipe"},
};

void expect_refusal(const std::string& what, const Error& error, const World& w, const char* word) {
  EXPECT_EQ(error.code, Errc::invalid_input) << what;
  EXPECT_NE(error.what.find(word), std::string::npos) << what << ": " << error.what;
  EXPECT_FALSE(error.remedy.empty()) << what;
  ASSERT_FALSE(error.context.empty()) << what;
  EXPECT_TRUE(error.context[0].second.starts_with(w.root.path().string())) << what << ": " << error.context[0].second;
}

TEST(TrustedPath, HostileLayoutsAreRefusedForReading) {
  for (const auto& layout : kHostile) {
    if (layout.takes_root && !root()) continue;
    for (const auto use : {FileUse::trusted, FileUse::secret}) {
      World w;
      layout.make(w);
      const auto read = read_file(w.file, 100, use);
      ASSERT_FALSE(read) << layout.name;
      expect_refusal(layout.name, read.error(), w, layout.word);
    }
  }
}

TEST(TrustedPath, HostileLayoutsAreRefusedForWritingAndNothingIsTouched) {
  for (const auto& layout : kHostile) {
    if (layout.takes_root && !root()) continue;
    if (std::string_view(layout.name).starts_with("a file that")) continue;  // it is put aside, not written to
    World w;
    layout.make(w);
    const auto written = write_file_atomically(w.file, "new");
    ASSERT_FALSE(written) << layout.name;
    expect_refusal(layout.name, written.error(), w, layout.word);
    EXPECT_FALSE(check_writable(w.file)) << layout.name;
    EXPECT_EQ(text_of(w.other), "contents") << layout.name;
    EXPECT_FALSE(fs::exists(w.elsewhere / "none")) << layout.name;
  }
}

TEST(TrustedPath, HostileLayoutsAreRefusedForFilesThatAreChangedInPlace) {
  for (const auto& layout : kHostile) {
    if (layout.takes_root && !root()) continue;
    World w;
    layout.make(w);
    const auto opened = open_in_place(w.file);
    ASSERT_FALSE(opened) << layout.name;
    EXPECT_EQ(opened.error().code, Errc::invalid_input) << layout.name;
    EXPECT_EQ(text_of(w.other), "contents") << layout.name;
  }
  World w;
  w.link(w.other);  // even a link of our own: nobody but portalkey has business there
  EXPECT_FALSE(open_in_place(w.file));
}

TEST(TrustedPath, WhatIsOurOwnWillDo) {
  const std::pair<const char*, std::function<void(World&)>> layouts[] = {
      {"as it is", [](World&) {}},
      {"a shared folder", [](World& w) { ::chmod(w.home.c_str(), 01777); }},
      {"our own link", [](World& w) { w.link(w.other); }},
      {"our own link, relative", [](World& w) { w.link("../elsewhere/other"); }},
      {"our own link to a link",
       [](World& w) {
         fs::create_symlink(w.other, w.elsewhere / "second");
         w.link(w.elsewhere / "second");
       }},
      {"our own link to the folder",
       [](World& w) {
         fs::rename(w.home, w.root / "moved");
         fs::create_symlink("moved", w.home);
       }},
      {"a hard link of our own", [](World& w) { fs::create_hard_link(w.file, w.elsewhere / "hard"); }},
      {"a folder that only we may enter", [](World& w) { ::chmod(w.home.c_str(), 0300); }},
  };
  for (const auto& [name, make] : layouts) {
    for (const auto use : {FileUse::trusted, FileUse::secret, FileUse::key}) {
      World w;
      make(w);
      const auto read = read_file(w.file, 100, use);
      EXPECT_TRUE(read) << name << ": " << read.error().what;
    }
  }
}

TEST(TrustedPath, WhoMayReadAndWriteDependsOnTheUse) {
  const struct {
    mode_t mode;
    bool trusted, secret;
  } rows[] = {{0600, true, true},   {0400, true, true},   {0644, true, false},  {0604, true, false},  {0640, true, root()},
              {0440, true, root()}, {0660, false, false}, {0622, false, false}, {0602, false, false}, {01644, true, false}};
  World w;
  for (const auto& row : rows) {
    ::chmod(w.file.c_str(), row.mode);
    EXPECT_EQ(read_file(w.file, 100, FileUse::trusted).has_value(), row.trusted) << std::oct << row.mode;
    EXPECT_EQ(read_file(w.file, 100, FileUse::key).has_value(), row.trusted) << std::oct << row.mode;
    EXPECT_EQ(read_file(w.file, 100, FileUse::secret).has_value(), row.secret) << std::oct << row.mode;
  }
}

TEST(TrustedPath, InputIsTheUsersOwnAffair) {
  World w;
  ::chmod(w.home.c_str(), 0777);
  ::chmod(w.file.c_str(), 0666);
  if (root()) give_away(w.file);
  EXPECT_TRUE(read_file(w.file, 100, FileUse::input));
  const auto folder = read_file(w.home, 100, FileUse::input);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().what, "this is a folder, not a file");
}

TEST(TrustedPath, APipeMayHoldAKeyAndADescriptorMayHoldAnything) {
  World w;
  fs::remove(w.file);
  ASSERT_EQ(::mkfifo(w.file.c_str(), 0600), 0);
  const Descriptor both(::open(w.file.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(open_to_read(w.file, FileUse::key));

  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const Descriptor from(ends[0]);
  {
    const Descriptor into(ends[1]);
    ASSERT_EQ(::write(into.get(), "secret", 6), 6);
  }
  const auto read = read_file("/dev/fd/" + std::to_string(from.get()), 100, FileUse::secret);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->size(), 6u);

  const Descriptor open_to_all(::open(write(w.elsewhere / "all", 0644).c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_FALSE(read_file("/proc/self/fd/" + std::to_string(open_to_all.get()), 100, FileUse::secret));
  EXPECT_FALSE(read_file("/proc/self/fd/../../../etc/passwd", 100, FileUse::secret));
}

TEST(TrustedPath, PathsThatNameNoFile) {
  World w;
  for (const fs::path& path : {w.home / "", w.home / ".", w.home / "..", fs::path("/"), fs::path("."), fs::path("..")}) {
    const auto read = read_file(path, 100, FileUse::trusted);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().what, "this is a folder, not a file") << path;
    EXPECT_FALSE(write_file_atomically(path, "x")) << path;
  }
  EXPECT_EQ(read_file("", 100, FileUse::trusted).error().code, Errc::not_found);
  EXPECT_EQ(read_file(w.home / "none" / "file", 100, FileUse::trusted).error().code, Errc::not_found);
  EXPECT_FALSE(read_file(w.file / "below", 100, FileUse::trusted));
  EXPECT_TRUE(read_file(w.home / ".." / "home" / "." / "file", 100, FileUse::trusted));
}

TEST(TrustedPath, RelativePathsAreJudgedFromTheFolderTheProcessIsIn) {
  World w;
  const auto before = fs::current_path();
  fs::current_path(w.home);
  EXPECT_TRUE(read_file("file", 100, FileUse::secret));
  EXPECT_TRUE(write_file_atomically("made", "x"));
  ::chmod(w.home.c_str(), 0777);
  EXPECT_FALSE(read_file("file", 100, FileUse::secret));
  EXPECT_FALSE(write_file_atomically("made", "y"));
  fs::current_path(before);
}

TEST(TrustedPath, FoldersAreMadeOnlyInFoldersOfOurOwn) {
  World w;
  EXPECT_TRUE(make_private_folder(w.home / "a" / "b"));
  EXPECT_TRUE(check_own_folder(w.home / "a" / "b"));
  ::chmod((w.home / "a").c_str(), 0755);
  EXPECT_TRUE(check_private_folder(w.home / "a"));
  EXPECT_FALSE(check_own_folder(w.home / "a")) << "others may look into it";
  ::chmod((w.home / "a").c_str(), 01777);
  EXPECT_TRUE(make_private_folder(w.home / "a" / "c"));
  EXPECT_FALSE(check_private_folder(w.home / "a"));
  ::chmod((w.home / "a").c_str(), 0777);
  EXPECT_FALSE(make_private_folder(w.home / "a" / "d"));
  fs::create_symlink(w.root / "none", w.home / "dangling");
  EXPECT_FALSE(make_private_folder(w.home / "dangling" / "e"));
  EXPECT_FALSE(fs::exists(w.root / "none"));
  if (root()) {
    fs::create_directory(w.home / "planted");
    give_away(w.home / "planted");
    EXPECT_FALSE(make_private_folder(w.home / "planted"));
    EXPECT_FALSE(make_private_folder(w.home / "planted" / "f"));
  }
}

TEST(NewFile, ComesToBeAtTheEndInEitherWay) {
  for (const auto how : {NewFile::Temporary::nameless_if_possible, NewFile::Temporary::named}) {
    World w;
    const auto out = w.home / "out";
    {
      auto given_up = NewFile::create(*find_place(out), NewFile::Existing::kept, how);
      ASSERT_TRUE(given_up) << given_up.error().what;
      EXPECT_TRUE(given_up->write("secret"));
      EXPECT_FALSE(fs::exists(out));
    }
    EXPECT_EQ(std::distance(fs::directory_iterator(w.home), {}), 1) << "something was left behind";
    auto file = NewFile::create(*find_place(out), NewFile::Existing::kept, how);
    auto late = NewFile::create(*find_place(out), NewFile::Existing::kept, how);
    ASSERT_TRUE(file && late);
    EXPECT_TRUE(file->write("secret"));
    ASSERT_TRUE(file->put_in_place());
    EXPECT_EQ(text_of(out), "secret");
    struct stat facts{};
    ASSERT_EQ(::stat(out.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    EXPECT_EQ(late->put_in_place().error().code, Errc::conflict) << "what has come to be meanwhile is not written over";
    EXPECT_EQ(NewFile::create(*find_place(out), NewFile::Existing::kept, how).error().code, Errc::conflict);
    EXPECT_EQ(text_of(out), "secret");
  }
}

}  // namespace
}  // namespace portalkey::trusted_path_test
