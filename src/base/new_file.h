#pragma once

#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/trusted_path.h"

namespace portalkey {

/// A file that comes to be when all of it is written, with mode 0600. Until then it has no name, or, where the file system
/// knows no nameless files or it is to replace another, one that nobody else can foresee or take.
class NewFile {
 public:
  enum class Existing { replaced, kept };
  enum class Temporary { nameless_if_possible, named };
  /// What is at the place now is judged by `judge_replaceable`; with `kept` it must be nothing (conflict).
  static Result<NewFile> create(TrustedPlace place, Existing existing, Temporary how = Temporary::nameless_if_possible);
  NewFile(NewFile&& o) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  Result<void> write(std::string_view bytes);
  /// Makes it durable and gives it its name. conflict: `kept`, and something has that name by now.
  Result<void> put_in_place();

 private:
  NewFile(TrustedPlace place, Existing existing) : place_(std::move(place)), existing_(existing) {}
  bool name_it() const;

  TrustedPlace place_;
  Existing existing_;
  Descriptor fd_;
  std::string temporary_;  ///< its name before; empty: none
};

/// The beginning of such a name, six letters or digits before its end.
std::string temporary_prefix(std::string_view name);
inline constexpr std::size_t kTemporarySuffix = 6;

}  // namespace portalkey
