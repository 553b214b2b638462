#include "seeds/input/duplicate_serials.h"

#include <array>
#include <bit>
#include <cstring>

#include "seeds/input/key_fields.h"

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

DuplicateSerials::Hashes DuplicateSerials::hashes(const TokenSeed& token, std::uint64_t user) const {
  const std::array numbers{token.step.value_or(0), token.digits.value_or(0), token.hash ? static_cast<int>(*token.hash) : -1,
                           static_cast<int>(token.type)};
  const std::string_view parameters(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  return token.base32.reveal(
      [&](std::string_view key) { return hashes(token.serial, {user, key, parameters, token.manufacturer, token.model}); });
}

DuplicateSerials::Hashes DuplicateSerials::alike_hashes(const TokenSeed& token) const {
  return token.base32.reveal([&](std::string_view key) { return hashes(alike_serial(token.serial), {0, key, {}, {}, {}}); });
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
