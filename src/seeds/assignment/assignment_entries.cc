#include "seeds/assignment/assignment_entries.h"

#include <algorithm>
#include <string>
#include <utility>

#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

constexpr std::size_t kBlock = 1 << 20;

}  // namespace

std::uint64_t AssignmentEntries::exact_hash(std::string_view serial) const {
  KeyedHash hash(key_);
  hash.add(serial);
  return hash.value();
}

std::uint64_t AssignmentEntries::alike_hash(std::string_view serial) const { return exact_hash(alike_serial(serial)); }

const char* AssignmentEntries::keep(const AssignmentEntry& entry) {
  const std::size_t size = entry.serial.size() + entry.upn.size() + entry.replaces.size();
  if (size > left_in_block_) {
    left_in_block_ = std::max(kBlock, size);
    next_ = blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(left_in_block_)).get();
  }
  const char* const texts = next_;
  for (const auto text : {entry.serial, entry.upn, entry.replaces}) next_ = std::ranges::copy(text, next_).out;
  left_in_block_ -= size;
  return texts;
}

void AssignmentEntries::add(const AssignmentEntry& entry) {
  const auto size = [](std::string_view text) { return static_cast<std::uint32_t>(text.size()); };
  records_.push_back(
      {keep(entry), static_cast<std::uint32_t>(entry.line), size(entry.upn), size(entry.replaces), size(entry.serial)});
  if (entry.serial.empty()) return;
  put(exact_, records_.size() - 1);
  if (!find_alike(entry.serial)) put(alike_, records_.size() - 1);
}

AssignmentEntry AssignmentEntries::operator[](std::size_t place) const {
  const Record& record = records_[place];
  AssignmentEntry entry;
  entry.line = record.line;
  const char* at = record.texts;
  entry.serial = {at, record.serial_size};
  entry.upn = {at += record.serial_size, record.upn_size};
  entry.replaces = {at += record.upn_size, record.replaces_size};
  if (const auto other = other_lines_.find(place); other != other_lines_.end()) entry.other_line = other->second;
  return entry;
}

std::optional<std::size_t> AssignmentEntries::find(std::string_view serial) const {
  return look(exact_, serial, [&](std::string_view other) { return other == serial; });
}

std::optional<std::size_t> AssignmentEntries::find_alike(std::string_view serial) const {
  const std::string wanted = alike_serial(serial);
  return look(alike_, serial, [&](std::string_view other) { return alike_serial(other) == wanted; });
}

std::optional<std::size_t> AssignmentEntries::look(const Table& table, std::string_view serial,
                                                   const std::function<bool(std::string_view)>& same) const {
  if (table.slots.empty()) return std::nullopt;
  const std::size_t mask = table.slots.size() - 1;
  for (std::size_t at = (this->*table.hash)(serial)&mask; table.slots[at] != 0; at = (at + 1) & mask) {
    const std::size_t place = table.slots[at] - 1;
    if (same(serial_of(place))) return place;
  }
  return std::nullopt;
}

void AssignmentEntries::put(Table& table, std::size_t place) {
  if (4 * (table.used + 1) > 3 * table.slots.size()) grow(table);
  const std::size_t mask = table.slots.size() - 1;
  std::size_t at = (this->*table.hash)(serial_of(place))&mask;
  while (table.slots[at] != 0) at = (at + 1) & mask;
  table.slots[at] = static_cast<std::uint32_t>(place + 1);
  ++table.used;
}

void AssignmentEntries::grow(Table& table) {
  const auto old = std::exchange(table.slots, std::vector<std::uint32_t>(std::max<std::size_t>(64, 2 * table.slots.size())));
  table.used = 0;
  for (const auto slot : old) {
    if (slot != 0) put(table, slot - 1);
  }
}

}  // namespace portalkey
