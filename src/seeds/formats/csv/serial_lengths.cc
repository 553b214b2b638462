#include "seeds/formats/csv/serial_lengths.h"

#include <fmt/format.h>

#include <algorithm>

#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

constexpr std::int64_t kFew = 5;  // one of so many

}  // namespace

std::optional<RowProblem> SerialLengths::warning() const {
  const auto usual = std::ranges::max_element(lengths_, {}, &Length::count);
  std::int64_t all = 0, shorter = 0;
  const Length* first = nullptr;
  for (const auto& length : lengths_) {
    all += length.count;
    if (length.count == 0 || &length >= &*usual) continue;
    shorter += length.count;
    if (first == nullptr || length.first_line < first->first_line) first = &length;
  }
  if (begins_with_zero_ || first == nullptr || shorter * kFew > all) return std::nullopt;
  RowProblem problem;
  problem.line = first->first_line;
  problem.serial = problem.value = first->first;
  problem.field = name_of(Column::serial);
  problem.what = fmt::format("{} of {} serial numbers have fewer digits than the others: this one has {}, most have {}",
                             shorter, all, first->first.size(), usual - lengths_.begin());
  problem.expected = "the text on the token's back, with its leading zeros";
  problem.cause = "a spreadsheet drops leading zeros; or the numbers go on from 99 to 100, or are of another make";
  problem.remedy = "Compare it with the token; if a zero is missing, take the vendor's file and import the column as text.";
  problem.warning = true;
  return problem;
}

}  // namespace portalkey
