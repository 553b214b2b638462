#pragma once
// A large PSKC file in portions, each of which is PSKC of its own: what stands before the first KeyPackage, some packages, and
// the end tag of the container. If every portion is well-formed, the packages in them are those of the file: a portion that
// begins between two packages and is well-formed also ends between two.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "oath/byte_source.h"

namespace portalkey {

/// What stands before the first KeyPackage.
struct PskcHead {
  std::string text;         ///< to the KeyPackage's `<`
  std::int64_t line = 0;    ///< where that stands
  std::string closing_tag;  ///< of the container
};

/// nullopt if the file is not one whose container begins, within its first 64 KiB, with a KeyPackage (in the drafts: Device):
/// a file that says first how it protects its keys, one in UTF-16, one that is no PSKC.
std::optional<PskcHead> head_of_pskc(const RandomAccess& bytes);

/// Where the first package ends that ends behind `offset`; the file's size if none does. nullopt if there is no such place
/// within a megabyte, or the file cannot be read. A comment may hold what looks like such an end.
std::optional<std::uint64_t> end_of_package(const RandomAccess& bytes, std::uint64_t offset);

/// The bytes in [begin, end), with the head before them and the closing tag behind, unless they are the file's last.
class PskcPortion final : public ByteSource {
 public:
  PskcPortion(const PskcHead& head, const RandomAccess& bytes, std::uint64_t begin, std::uint64_t end)
      : bytes_(bytes), before_(head.text), at_(begin), end_(end) {
    if (end < bytes.size()) after_ = head.closing_tag;
  }
  Result<std::size_t> read(std::span<char> room) override;

 private:
  const RandomAccess& bytes_;
  std::string_view before_, after_;
  std::uint64_t at_, end_;
};

}  // namespace portalkey
