#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace portalkey {

/// A small page in a file of our own that sends a browser on to an address. What a program is started with stands in the list
/// of processes, which every account of the machine can read: with this the page's path does, instead of an address that has
/// the state and the challenge of a sign-in. (A page on a port of this machine would not do: whoever reads its address there
/// can be quicker than the browser.) The file is gone with the object.
class RedirectPage {
 public:
  /// `folder` is made with mode 0700 if it is not there.
  static Result<RedirectPage> make(const std::filesystem::path& folder, const std::string& url);
  RedirectPage(RedirectPage&& o) noexcept : path_(std::move(o.path_)) { o.path_.clear(); }
  RedirectPage& operator=(RedirectPage&&) = delete;
  ~RedirectPage();

  /// `file:///…`
  std::string url() const;

 private:
  explicit RedirectPage(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace portalkey
