#include "seeds/formats/csv/first_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/secret.h"
#include "seeds/input/byte_source.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

using Rows = std::span<const FirstRows::Row>;

constexpr std::size_t kMostBytes = std::size_t{32} << 10;
constexpr std::size_t kMostRows = 100;
constexpr std::size_t kLeastKey = 16;  // characters; less may be anything

bool is_key(std::string_view cell) {
  SecretKeyText key;
  return cell.size() >= kLeastKey && key.read(cell, SecretEncoding::detect).has_value();
}
bool is_interval(std::string_view cell) { return cell == "30" || cell == "60"; }
bool is_digits(std::string_view cell) { return cell == "6" || cell == "8"; }
bool is_hash(std::string_view cell) { return cell.size() <= 12 && hash_of_text(cell).has_value(); }
bool has_digit(std::string_view cell) { return cell.find_first_of("0123456789") != std::string_view::npos; }
bool is_upn(std::string_view cell) { return std::ranges::count(cell, '@') == 1 && cell.find("://") == std::string_view::npos; }
bool is_uri(std::string_view cell) {
  constexpr std::string_view kScheme = "otpauth://";
  return same_ignoring_case(trimmed_unicode(cell).substr(0, kScheme.size()), kScheme);
}

/// What all cells of a column are, as far as it matters. A bad row among several does not change what a column is.
struct ColumnContent {
  explicit ColumnContent(Rows rows, std::size_t column) {
    std::set<std::string_view> values;
    const auto most = [n = rows.size()](std::size_t count) { return 3 * count >= 2 * n && count > 0; };
    std::size_t keys = 0, intervals = 0, lengths = 0, hashes = 0, upns = 0, numbered = 0, filled = 0, uris = 0;
    for (const auto& row : rows) {
      const auto cell = value_or_nothing(row.cells[column]);
      keys += is_key(cell) ? 1 : 0;
      intervals += is_interval(cell) ? 1 : 0;
      lengths += is_digits(cell) ? 1 : 0;
      hashes += is_hash(cell) ? 1 : 0;
      upns += is_upn(cell) ? 1 : 0;
      numbered += has_digit(cell) ? 1 : 0;
      filled += cell.empty() ? 0 : 1;
      uris += is_uri(cell) ? 1 : 0;
      values.insert(cell);
    }
    secret = most(keys);
    interval = most(intervals);
    digits = most(lengths);
    hash = most(hashes);
    upn = upns > 0 && most(upns + rows.size() - filled);
    type = filled > 0 && std::ranges::all_of(values, [](auto cell) { return cell.empty() || names_a_type(cell); });
    serial = uris == 0 && !secret && !interval && !digits && !hash && !upn && !type && most(numbered) && most(values.size());
    text = filled > 0 && uris == 0 && !secret && !interval && !digits && !hash && !upn && !type;
  }

  bool secret, interval, digits, hash, upn, type, serial, text;
};

/// The built-in order that most rows have, if it is more than half of them or the first one has it too.
std::optional<ColumnMap> usual_order(Rows rows) {
  std::vector<std::pair<ColumnMap, std::size_t>> votes;
  for (const auto& row : rows) {
    auto map = entra_order(row.cells);
    if (!map) continue;
    const auto same = std::ranges::find_if(votes, [&](const auto& vote) { return vote.first.at == map->at; });
    if (same == votes.end()) {
      votes.emplace_back(std::move(*map), 1);
    } else {
      ++same->second;
    }
  }
  const auto best = std::ranges::max_element(votes, {}, &std::pair<ColumnMap, std::size_t>::second);
  if (best == votes.end()) return std::nullopt;
  if (2 * best->second <= rows.size()) {
    const auto first = entra_order(rows[0].cells);
    if (!first || first->at != best->first.at) return std::nullopt;
  }
  return std::move(best->first);
}

}  // namespace

FirstRows::~FirstRows() { wipe(text_); }

Result<void> FirstRows::look(CsvRows& rows) {
  const auto start = rows.start(kMostBytes);
  if (!start) return std::unexpected(start.error());
  auto text = *start;
  if (text.size() == kMostBytes) text = text.substr(0, text.find_last_of("\r\n") + 1);
  text_.reserve(text.size());  // enough for all cells: views of it stay valid
  const auto first_line = rows.next_line();
  MemorySource source(text);
  CsvRows ahead(source, text.size() + 1);
  ahead.separate_by(rows.separator());
  ahead.set_width(rows.width());
  for (auto there = ahead.next(); there && *there && rows_.size() < kMostRows; there = ahead.next()) {
    if (ahead.broken() != CsvRows::Broken::no) continue;
    auto& row = rows_.emplace_back();
    row.line = ahead.line() + first_line - 1;
    for (const auto cell : ahead.fields()) {
      const std::size_t at = text_.size();
      text_ += cell;
      row.cells.push_back(std::string_view(text_).substr(at));
    }
  }
  return {};
}

std::size_t column_of_uris(Rows rows) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.cells.size());
  for (std::size_t i = 0; i < width; ++i) {
    if (std::ranges::any_of(rows, [&](const auto& row) { return i < row.cells.size() && is_uri(row.cells[i]); })) return i;
  }
  return ColumnMap::kAbsent;
}

namespace {

/// The cells of a column in the rows that are data, without those that stand for nothing.
std::vector<std::string_view> values_of(Rows rows, std::size_t column, bool headed) {
  std::vector<std::string_view> values;
  for (const auto& row : rows.subspan(std::min<std::size_t>(headed ? 1 : 0, rows.size()))) {
    const auto value = column < row.cells.size() ? value_or_nothing(row.cells[column]) : std::string_view();
    if (!value.empty()) values.push_back(value);
  }
  return values;
}

bool are_upns(const std::vector<std::string_view>& values) {
  const auto upns = static_cast<std::size_t>(std::ranges::count_if(values, [](auto value) {
    const auto problem = problem_of_upn(value);
    return is_upn(value) && (!problem || problem->warning);
  }));
  return upns > 0 && 3 * upns >= 2 * values.size();
}

}  // namespace

Result<void> columns_by_values(Rows rows, ColumnMap& columns) {
  const auto header =
      columns.headed && !rows.empty() ? std::span<const std::string_view>(rows[0].cells) : std::span<const std::string_view>();
  auto& upn = columns.at[static_cast<std::size_t>(Column::upn)];
  const auto label = [&](std::size_t i) { return quoted_name(i < header.size() ? header[i] : std::string_view(), i); };
  const bool named = upn != ColumnMap::kAbsent;
  if (!columns.is_vault && (!named || !are_upns(values_of(rows, upn, columns.headed)))) {
    std::vector<std::size_t> found;
    for (const auto& asked : columns.asked) {
      const bool is_mapped = std::ranges::find(columns.at, asked.at) != columns.at.end();
      if (!is_mapped && are_upns(values_of(rows, asked.at, columns.headed))) found.push_back(asked.at);
    }
    if (found.size() > 1 && !named) {
      return fail(Errc::invalid_input,
                  fmt::format("two columns hold user principal names: {} and {}", label(found[0]), label(found[1])),
                  columns.headed
                      ? "Say which one says who gets the token: [[setting|map|upn=COLUMN]]."
                      : fmt::format("Say which one says who gets the token: [[setting|map|upn={}]] or [[setting|map|upn={}]].",
                                    found[0] + 1, found[1] + 1));
    }
    if (found.size() == 1 && (!named || values_of(rows, upn, columns.headed).empty())) {
      upn = found[0];
      columns.least_fields = std::max(columns.least_fields, upn + 1);
      std::erase_if(columns.asked, [&](const auto& asked) { return asked.at == upn; });
      std::erase(columns.notes, "there is no upn column: the tokens are not assigned to users");
      columns.notes.push_back(fmt::format("column {} was taken for the upn: its values are user principal names", label(upn)));
    }
  }
  for (auto& asked : columns.asked) {
    if (asked.under != SaidUnder::unknown) continue;
    const auto values = values_of(rows, asked.at, columns.headed);
    if (values.empty()) continue;
    const bool has_digits = columns.at[static_cast<std::size_t>(Column::digits)] != ColumnMap::kAbsent ||
                            std::ranges::count(columns.asked, SaidUnder::digits, &ColumnMap::Asked::under) != 0;
    if (std::ranges::all_of(values, is_digits) && !has_digits) {
      asked.under = SaidUnder::digits;
    } else if (!columns.headed && std::ranges::all_of(values, is_interval)) {
      asked.under = SaidUnder::interval;
    }
  }
  return {};
}

Result<std::optional<ColumnMap>> columns_by_content(Rows rows, bool needs_interval) {
  constexpr std::size_t kEnough = 20;
  rows = rows.first(std::min(rows.size(), kEnough));
  if (rows.empty()) return std::nullopt;
  // A first line without anything of a token is a header whose names nobody knows.
  if (std::ranges::none_of(rows[0].cells, [](auto cell) {
        cell = trimmed_unicode(cell);
        return is_key(cell) || is_interval(cell) || is_upn(cell) || is_uri(cell);
      })) {
    return std::nullopt;
  }
  if (auto map = usual_order(rows)) return map;

  const std::size_t width = rows[0].cells.size();
  std::vector<FirstRows::Row> whole;
  std::ranges::copy_if(rows, std::back_inserter(whole), [&](const auto& row) { return row.cells.size() == width; });
  std::vector<ColumnContent> contents;
  for (std::size_t i = 0; i < width; ++i) contents.emplace_back(whole, i);
  const auto only = [&](bool ColumnContent::* kind) {
    return std::ranges::count(contents, true, kind) == 1
               ? static_cast<std::size_t>(std::ranges::find(contents, true, kind) - contents.begin())
               : ColumnMap::kAbsent;
  };
  const auto uris = column_of_uris(whole);
  if (std::ranges::count(contents, true, &ColumnContent::secret) == 0 && uris == ColumnMap::kAbsent) return std::nullopt;
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  const auto at = [&](Column column) -> std::size_t& { return map.at[static_cast<std::size_t>(column)]; };
  at(Column::serial) = only(&ColumnContent::serial);
  at(Column::secret) = only(&ColumnContent::secret);
  at(Column::interval) = only(&ColumnContent::interval);
  at(Column::upn) = only(&ColumnContent::upn);
  at(Column::hash) = only(&ColumnContent::hash);
  at(Column::digits) = only(&ColumnContent::digits);
  // Of several columns that may be the serial number it is the one before the key: users and realms stand before both.
  if (const auto key = at(Column::secret); at(Column::serial) == ColumnMap::kAbsent && key != ColumnMap::kAbsent && key > 0 &&
                                           contents[key - 1].serial &&
                                           std::ranges::count(contents, true, &ColumnContent::type) > 0) {
    at(Column::serial) = key - 1;
  }
  if (uris != ColumnMap::kAbsent && at(Column::secret) == ColumnMap::kAbsent) {
    map.uris = at(Column::secret) = uris;
    map.is_vault = at(Column::serial) == ColumnMap::kAbsent;
    needs_interval = false;
  }
  // Lists of token servers leave the interval out where the type has none.
  if (std::ranges::count(contents, true, &ColumnContent::type) > 0) needs_interval = false;
  for (const Column needed : {Column::serial, Column::secret, Column::interval}) {
    if (at(needed) != ColumnMap::kAbsent || (needed == Column::interval && !needs_interval)) continue;
    if (map.uris != ColumnMap::kAbsent) continue;
    return fail(
        Errc::invalid_input,
        fmt::format("there is no header, and the rows do not tell which column the {} is", name_of(needed)),
        fmt::format("Say it by number, from 1: [[setting|map|serial=NUMBER]] [[setting|map|secret=NUMBER]] "
                    "[[setting|map|interval=NUMBER]]{}; or add the "
                    "header upn,serial number,secret key,time interval,manufacturer,model",
                    needed == Column::interval ? "; if the file does not say it, [[setting|time-interval|30]] or 60" : ""));
  }
  // Two texts behind the key are maker and model, in every order that is known.
  std::vector<std::size_t> texts;
  for (std::size_t i = 0; i < width; ++i) {
    if (contents[i].text && i != at(Column::serial)) texts.push_back(i);
  }
  if (texts.size() == 2 && texts[0] > at(Column::secret)) {
    at(Column::manufacturer) = texts[0];
    at(Column::model) = texts[1];
  }
  map.headed = false;
  map.fields = width;
  ask_columns(map, {}, width);
  std::vector<std::string> found;
  for (std::size_t i = 0; i < width; ++i) {
    const auto column = std::ranges::find(map.at, i);
    if (column == map.at.end()) continue;
    map.least_fields = i + 1;
    found.push_back(fmt::format("{} is {}", i + 1, name_of(static_cast<Column>(column - map.at.begin()))));
  }
  map.notes.push_back(fmt::format("there is no header: by what is in it, column {}", fmt::join(found, ", ")));
  if (found.size() < width) map.notes.push_back(fmt::format("{} other columns are ignored", width - found.size()));
  return map;
}

std::optional<Error> why_no_time_interval_is_to_be_said(Rows rows, const ColumnMap& columns) {
  if (columns.headed && !rows.empty()) rows = rows.subspan(1);
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.cells.size());
  for (std::size_t i = 0; i < width; ++i) {
    if (std::ranges::find(columns.at, i) != columns.at.end()) continue;
    const auto intervals = static_cast<std::size_t>(std::ranges::count_if(rows, [&](const auto& row) {
      const auto seconds = i < row.cells.size() ? seconds_of_text(row.cells[i], 60) : std::nullopt;
      return seconds == 30 || seconds == 60;
    }));
    if (intervals == 0 || 3 * intervals < 2 * rows.size()) continue;
    return Error{Errc::invalid_input,
                 fmt::format("column {} seems to be the time interval", i + 1),
                 fmt::format("Say [[setting|map|interval={}]] instead of [[setting|time-interval]] (values are 30 or 60, "
                             "without a unit); or remove the "
                             "column if it is something else.",
                             i + 1),
                 {{"line", std::to_string(rows[0].line)}}};
  }
  return std::nullopt;
}

EncodingEvidence evidence_of_base64(Rows rows, const ColumnMap& columns) {
  const std::size_t at = columns.at[static_cast<std::size_t>(Column::secret)];
  if (columns.headed && !rows.empty()) rows = rows.subspan(1);
  EncodingEvidence evidence;
  for (const auto& row : rows) {
    const auto key = at < row.cells.size() ? trimmed_unicode(row.cells[at]) : std::string_view();
    if (key.empty()) continue;
    if (!has_base64_key_size(key)) return {};
    const auto shown = only_base64(key);
    if (evidence.line == 0 && shown != std::string_view::npos) evidence = {row.line, key[shown], shown + 1};
  }
  return evidence;
}

}  // namespace portalkey
