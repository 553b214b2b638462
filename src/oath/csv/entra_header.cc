#include "oath/csv/entra_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "base/ascii.h"
#include "oath/secret_key.h"
#include "oath/utf8.h"

namespace portalkey {
namespace {

constexpr std::array<std::string_view, kColumns> kNames{"upn",          "serial number", "secret key", "time interval",
                                                        "manufacturer", "model",         "enabled"};

struct Synonym {
  std::string_view folded;
  Column column;
};
constexpr Synonym kSynonyms[] = {
    {"upn", Column::upn},
    {"userprincipalname", Column::upn},
    {"serialnumber", Column::serial},
    {"serial", Column::serial},
    {"secretkey", Column::secret},
    {"secret", Column::secret},
    {"timeinterval", Column::interval},
    {"interval", Column::interval},
    {"timeintervalinseconds", Column::interval},
    {"manufacturer", Column::manufacturer},
    {"model", Column::model},
    {"enabled", Column::enabled},
};
constexpr std::string_view kWanted = "upn,serial number,secret key,time interval,manufacturer,model";

std::string folded(std::string_view name) {
  std::string out;
  for (const char c : trimmed_unicode(name)) {
    if (!is_blank(c) && c != '_') out += to_lower(c);
  }
  return out;
}

std::optional<Column> column_called(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  if (name.size() > kLongestName) return std::nullopt;
  const auto it = std::ranges::find(kSynonyms, folded(name), &Synonym::folded);
  if (it == std::end(kSynonyms)) return std::nullopt;
  return it->column;
}

/// A name from the file for a note. What looks like a key may be one, in a file whose header is not what it seems.
std::string quoted_name(std::string_view name, std::size_t index) {
  constexpr std::size_t kShownName = 15;
  name = trimmed_unicode(name);
  const bool seen = std::ranges::all_of(name, [](char c) { return c >= ' ' && c != 0x7f; });
  if (name.empty() || name.size() > kShownName || !seen) return fmt::format("number {}", index + 1);
  return fmt::format("`{}`", name);
}

std::unexpected<Error> missing(Column column) {
  return fail(Errc::invalid_input, fmt::format("the header has no \"{}\" column", name_of(column)),
              fmt::format("The first line must be: {}", kWanted));
}

}  // namespace

std::string_view name_of(Column column) { return kNames[static_cast<std::size_t>(column)]; }

std::span<const std::string_view> without_blank_end(std::span<const std::string_view> cells) {
  while (!cells.empty() && trimmed_unicode(cells.back()).empty()) cells = cells.first(cells.size() - 1);
  return cells;
}

Result<std::optional<ColumnMap>> read_header(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  map.fields = cells.size();
  std::vector<std::string> unknown;
  std::vector<std::string> renamed;
  std::optional<Column> twice;
  std::size_t known = 0;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto column = column_called(cells[i]);
    if (!column) {
      unknown.push_back(quoted_name(cells[i], i));
      continue;
    }
    ++known;
    auto& at = map.at[static_cast<std::size_t>(*column)];
    if (at != ColumnMap::kAbsent) twice = column;
    at = i;
    if (*column != Column::enabled) map.least_fields = i + 1;
    if (const auto written = trimmed_unicode(cells[i]); written != name_of(*column)) {
      renamed.push_back(fmt::format("`{}` as {}", written, name_of(*column)));
    }
  }
  if (known < 2) return std::nullopt;
  if (twice) {
    return fail(Errc::invalid_input, fmt::format("the header has two \"{}\" columns", name_of(*twice)),
                "Remove or rename one of them.");
  }
  for (const Column needed : {Column::serial, Column::secret, Column::interval}) {
    if (map.at[static_cast<std::size_t>(needed)] == ColumnMap::kAbsent) return missing(needed);
  }
  for (const Column may_miss : {Column::upn, Column::manufacturer, Column::model}) {
    if (map.at[static_cast<std::size_t>(may_miss)] != ColumnMap::kAbsent) continue;
    map.notes.push_back(may_miss == Column::upn ? "there is no upn column: the tokens are not assigned to users"
                                                : fmt::format("there is no {} column: it is left empty", name_of(may_miss)));
  }
  if (!renamed.empty()) map.notes.push_back(fmt::format("columns read: {}", fmt::join(renamed, ", ")));
  if (map.at[static_cast<std::size_t>(Column::enabled)] != ColumnMap::kAbsent)
    map.notes.push_back("the column `enabled` is ignored");
  if (!unknown.empty()) {
    map.notes.push_back(fmt::format("unknown column{} ignored: {}", unknown.size() == 1 ? "" : "s", fmt::join(unknown, ", ")));
  }
  return map;
}

std::optional<ColumnMap> entra_order(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  if (cells.size() != 6 && cells.size() != 7) return std::nullopt;
  const auto upn = trimmed_unicode(cells[0]);
  if (!upn.empty() && upn.find('@') == std::string_view::npos) return std::nullopt;
  SecretKeyText key;
  const auto interval = trimmed_unicode(cells[3]);
  const bool token =
      key.read(trimmed_unicode(cells[2]), SecretEncoding::detect).has_value() || interval == "30" || interval == "60";
  if (!token) return std::nullopt;
  ColumnMap map;
  for (std::size_t i = 0; i < kColumns; ++i) map.at[i] = i;
  if (cells.size() == 6) map.at[static_cast<std::size_t>(Column::enabled)] = ColumnMap::kAbsent;
  map.fields = cells.size();
  map.least_fields = 6;
  map.notes.push_back(fmt::format("there is no header: the columns were taken as {}", kWanted));
  return map;
}

bool is_row_in_one_cell(std::span<const std::string_view> cells) {
  cells = without_blank_end(cells);
  if (cells.size() != 1) return false;
  const char separator = separator_of(cells[0]);
  std::vector<std::string_view> parts;
  for (const auto part : std::views::split(cells[0], separator)) parts.emplace_back(part.begin(), part.end());
  const auto header = read_header(parts);
  return !header || header->has_value() || entra_order(parts).has_value();
}

char separator_of(std::string_view line) {
  constexpr std::string_view kSeparators = ",;\t";
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (const auto i = kSeparators.find(c); !quoted && i != std::string_view::npos) ++counts[i];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

}  // namespace portalkey
