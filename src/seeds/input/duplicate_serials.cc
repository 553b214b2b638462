#include "seeds/input/duplicate_serials.h"

#include <bit>
#include <cstring>

namespace portalkey {

DuplicateSerials::Hashes DuplicateSerials::hashes(std::string_view serial, const Contents& contents) const {
  // Each on its own, so that the processor does them side by side.
  const auto hash = [&](std::string_view text) {
    KeyedHash keyed(key_);
    keyed.add(text);
    return keyed.value();
  };
  const std::uint64_t said = contents.user + std::rotl(hash(contents.secret), 11) + std::rotl(hash(contents.interval), 23) +
                             std::rotl(hash(contents.manufacturer), 37) + std::rotl(hash(contents.model), 51);
  return {hash(serial), said};
}

DuplicateSerials::Answer DuplicateSerials::add(const Hashes& row, std::int64_t line) {
  constexpr std::uint32_t kContradicted = std::uint32_t{1} << 31;
  constexpr std::uint64_t kContents = (std::uint64_t{1} << (8 * kContentsBytes)) - 1;
  const std::uint64_t contents = row.contents & kContents;
  unsigned char* const known =
      seen_.find_or_add(row.serial, contents | static_cast<std::uint64_t>(line) << (8 * kContentsBytes));
  if (known == nullptr) return {Verdict::first, line};

  std::uint32_t marked_line;
  std::memcpy(&marked_line, known + kContentsBytes, kLineBytes);
  const std::int64_t first = marked_line & ~kContradicted;
  if ((marked_line & kContradicted) != 0) return {Verdict::contradicted, first};
  if (std::memcmp(known, &contents, kContentsBytes) == 0) return {Verdict::repeat, first};
  marked_line |= kContradicted;
  std::memcpy(known + kContentsBytes, &marked_line, kLineBytes);
  return {Verdict::contradiction, first};
}

}  // namespace portalkey
