#include "service/audit/chain_walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

constexpr std::size_t kLookAhead = 200;

std::string missing_text(std::int64_t from, std::int64_t to) {
  return from == to ? fmt::format("entry {} is missing", from) : fmt::format("entries {} to {} are missing", from, to);
}

/// Whether it would fit there.
bool fits(AuditEntry entry, std::int64_t number, std::string_view previous) {
  entry.number = number;
  return entry_hash(entry, previous) == entry.hash;
}

Result<std::vector<AuditEntry>> rows_at(TrailReading& trail, std::int64_t number) {
  std::vector<AuditEntry> rows;
  auto read = trail.each(number, [&](const AuditEntry& entry, std::string_view) -> Result<void> {
    rows.push_back(entry);
    if (rows.size() == kLookAhead) return fail(Errc::cancelled, "enough");
    return {};
  });
  if (!read && rows.size() < kLookAhead) return pass(read);
  return rows;
}

/// The one that belongs at the number stands further behind.
std::optional<Finding> out_of_place(const std::vector<AuditEntry>& rows, const ChainWalk::Break& at) {
  for (std::size_t k = 1; k < rows.size(); ++k) {
    if (!fits(rows[k], at.number, at.before)) continue;
    const auto place = at.number + static_cast<std::int64_t>(k);
    const bool swapped = fits(rows[0], place, k == 1 ? rows[1].hash : rows[k - 1].hash);
    if (swapped)
      return Finding{at.number, FindingKind::moved, fmt::format("entries {} and {} changed places", at.number, place)};
    return Finding{at.number, FindingKind::inserted,
                   fmt::format("what stands at {} was put in: the entry of that number stands at {}", at.number, place)};
  }
  return std::nullopt;
}

}  // namespace

ChainWalk::ChainWalk(const ChainBeginning& beginning)
    : begin_(beginning.number), expected_(beginning.number + 1), previous_(beginning.hash) {}

void ChainWalk::take(const AuditEntry& entry, std::string_view previous) {
  ++entries_;
  if (first_ == 0) first_ = entry.number;
  if (entry.number < expected_) {
    if (findings_.size() < kMost) {
      findings_.push_back({entry.number, FindingKind::inserted,
                           fmt::format("entry {} stands {}", entry.number,
                                       entry.number <= begin_ ? "before the beginning" : "where it does not belong")});
    }
    return;
  }
  bool known = true;  // what the one before was
  if (entry.number > expected_) {
    const bool head = expected_ == begin_ + 1;
    if (findings_.size() < kMost) {
      findings_.push_back({expected_, head ? FindingKind::head_cut : FindingKind::removed,
                           missing_text(expected_, entry.number - 1) + (head ? ", with which the trail begins" : "")});
    }
    known = false;
  }
  if (entry.time < time_) ++set_back_;
  time_ = entry.time;
  const bool told_right = previous.empty() || !known || previous == previous_;
  const bool right = !known || (told_right && entry_hash(entry, previous_) == entry.hash);
  if (!right && !in_break_ && breaks_.size() < kMost) breaks_.push_back({entry.number, previous_, before_previous_});
  in_break_ = !right;
  before_previous_ = std::move(previous_);
  previous_ = entry.hash;
  expected_ = entry.number + 1;
}

Result<Finding> explained(TrailReading& trail, const ChainWalk::Break& at) {
  auto rows = rows_at(trail, at.number);
  if (!rows) return pass(rows);
  const auto number = at.number;
  const Finding changed{number, FindingKind::changed,
                        fmt::format("the hash of entry {} does not fit what stands in it and the entry before", number)};
  if (rows->empty()) return changed;
  if (auto found = out_of_place(*rows, at)) return std::move(*found);
  const auto& here = rows->front();
  if (!at.before_before.empty() && fits(here, number - 1, at.before_before)) {
    return Finding{number - 1, FindingKind::inserted,
                   fmt::format("entry {} was put in: what follows it was {} before", number - 1, number - 1)};
  }
  if (rows->size() > 1) {
    const auto& next = (*rows)[1];
    if (fits(next, number + 1, here.hash)) return changed;
    for (std::int64_t gone = 1; gone <= 100; ++gone) {
      if (!fits(next, number + 1 + gone, here.hash)) continue;
      return Finding{number, FindingKind::removed,
                     fmt::format("{} taken out before what stands at {}, and what follows was counted anew",
                                 gone == 1 ? "an entry was" : fmt::format("{} entries were", gone), number)};
    }
  }
  return changed;
}

}  // namespace portalkey
