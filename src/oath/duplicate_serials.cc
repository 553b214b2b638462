#include "oath/duplicate_serials.h"

namespace portalkey {

/// Whether it is above every serial number before it: longer, or as long and later in byte order.
bool DuplicateSerials::above_all(std::string_view serial) {
  if (serial.size() < highest_.size() || (serial.size() == highest_.size() && serial <= highest_)) return false;
  highest_ = serial;
  return true;
}

DuplicateSerials::Answer DuplicateSerials::add(std::string_view serial, const Contents& contents, std::int64_t line) {
  KeyedHash said(key_);
  said.add(contents.upn);
  said.add(contents.secret);
  said.add(contents.interval);
  said.add(contents.manufacturer);
  said.add(contents.model);
  KeyedHash of_serial(key_);
  of_serial.add(serial);
  const Entry entry{of_serial.value() | 1, static_cast<std::uint32_t>(said.value() >> 32),
                    static_cast<std::uint32_t>(line) & 0x7fff'ffff, 0};
  if (above_all(serial)) {
    listed_.push_back(entry);
    return {Verdict::first, line};
  }
  for (; !listed_.empty(); listed_.pop_front()) table_.find_or_add(listed_.front());
  const auto [slot, added] = table_.find_or_add(entry);
  const std::int64_t first = slot.line;
  if (added) return {Verdict::first, line};
  if (slot.contradicted != 0) return {Verdict::contradicted, first};
  if (slot.contents == entry.contents) return {Verdict::repeat, first};
  slot.contradicted = 1;
  return {Verdict::contradiction, first};
}

}  // namespace portalkey
