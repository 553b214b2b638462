#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>

#include "base/error.h"

namespace portalkey {

/// What of a job is not as portalkey wrote it, for a person: the first few by name.
class Alterations {
 public:
  explicit Alterations(std::string job) : job_(std::move(job)) {}
  void add(std::string what) {
    if (++count_ <= kNamedAtMost) text_ += (text_.empty() ? "" : "; ") + std::move(what);
  }
  bool none() const { return count_ == 0; }
  Error error(const std::filesystem::path& file) const {
    const std::string more = count_ > kNamedAtMost ? fmt::format("; and {} more", count_ - kNamedAtMost) : "";
    return {Errc::corrupt,
            fmt::format("the job {} in the journal is not as portalkey wrote it, or the journal's key is another: {}{}", job_,
                        text_, more),
            fmt::format("Nothing of it is sent. Find out who can write to the journal's folder; then begin anew from the file "
                        "or list (what the tenant has already is left as it is), and [[forget-job|{}]].",
                        job_),
            {{"file", file.string()}}};
  }

 private:
  static constexpr std::size_t kNamedAtMost = 5;
  std::string job_, text_;
  std::size_t count_ = 0;
};

}  // namespace portalkey
