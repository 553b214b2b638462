#include "oath/duplicate_serials.h"

#include <cstring>

namespace portalkey {

DuplicateSerials::Hashes DuplicateSerials::hashes(std::string_view serial, const Contents& contents) const {
  KeyedHash said(key_);
  said.add(contents.upn);
  said.add(contents.secret);
  said.add(contents.interval);
  said.add(contents.manufacturer);
  said.add(contents.model);
  KeyedHash of_serial(key_);
  of_serial.add(serial);
  return {of_serial.value(), said.value()};
}

DuplicateSerials::Answer DuplicateSerials::add(const Hashes& row, std::int64_t line) {
  constexpr std::uint32_t kContradicted = std::uint32_t{1} << 31;
  decltype(table_)::Data data;
  const auto new_line = static_cast<std::uint32_t>(line);
  std::memcpy(data.data(), &row.contents, kContentsBytes);
  std::memcpy(data.data() + kContentsBytes, &new_line, kLineBytes);
  unsigned char* const known = table_.find_or_add(row.serial, data);
  if (known == nullptr) return {Verdict::first, line};

  std::uint32_t marked_line;
  std::memcpy(&marked_line, known + kContentsBytes, kLineBytes);
  const std::int64_t first = marked_line & ~kContradicted;
  if ((marked_line & kContradicted) != 0) return {Verdict::contradicted, first};
  if (std::memcmp(known, data.data(), kContentsBytes) == 0) return {Verdict::repeat, first};
  marked_line |= kContradicted;
  std::memcpy(known + kContentsBytes, &marked_line, kLineBytes);
  return {Verdict::contradiction, first};
}

}  // namespace portalkey
