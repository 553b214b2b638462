#pragma once
// The newest writing of a vault file that this state folder has seen, so that an older copy put back is noticed.
//
// A small file of JSON: for each vault file's path the id and the number of the newest writing (vault/sealed_file.h), and the
// ids of the files that stood there before. It is as trustworthy as its folder: who may write there can make it forget. A state
// folder that has seen nothing knows nothing, and says nothing.

#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "vault/sealed_file.h"

namespace portalkey {

class SeenWritings {
 public:
  explicit SeenWritings(std::filesystem::path file) : file_(std::move(file)) {}

  /// Nothing is to be noted: this is the newest that was seen.
  bool is_newest(const std::filesystem::path& vault, const Writing& writing) const;
  /// Notes it, durably, as the newest from now on, and says what is wrong with it if it is older than what was seen. While
  /// nobody else writes the vault file.
  Result<std::optional<std::string>> note(const std::filesystem::path& vault, const Writing& writing);

 private:
  std::filesystem::path file_;
};

}  // namespace portalkey
