#include "seeds/assignment/assignment_entries.h"

#include <algorithm>
#include <string>
#include <utility>

#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

constexpr std::size_t kBlock = 1 << 20;

}  // namespace

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
  const auto place = static_cast<std::uint32_t>(records_.size() - 1);
  exact_.try_emplace(hash_(entry.serial), place);
  alike_.try_emplace(hash_(alike_serial(entry.serial)), place);
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
  const auto found = exact_.find(hash_(serial));
  return found != exact_.end() && serial_of(found->second) == serial ? std::optional<std::size_t>(found->second) : std::nullopt;
}

std::optional<std::size_t> AssignmentEntries::find_alike(std::string_view serial) const {
  const std::string wanted = alike_serial(serial);
  const auto found = alike_.find(hash_(wanted));
  return found != alike_.end() && alike_serial(serial_of(found->second)) == wanted ? std::optional<std::size_t>(found->second)
                                                                                   : std::nullopt;
}

}  // namespace portalkey
