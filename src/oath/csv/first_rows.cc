#include "oath/csv/first_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/secret.h"
#include "oath/byte_source.h"
#include "oath/key_fields.h"
#include "oath/secret_key.h"
#include "oath/utf8.h"

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
bool is_upn(std::string_view cell) { return std::ranges::count(cell, '@') == 1; }

/// What all cells of a column are, as far as it matters. A bad row among several does not change what a column is.
struct ColumnContent {
  explicit ColumnContent(Rows rows, std::size_t column) {
    std::set<std::string_view> values;
    const auto most = [n = rows.size()](std::size_t count) { return 3 * count >= 2 * n && count > 0; };
    std::size_t keys = 0, intervals = 0, lengths = 0, hashes = 0, upns = 0, numbered = 0, filled = 0;
    for (const auto& row : rows) {
      const auto cell = trimmed_unicode(row.cells[column]);
      keys += is_key(cell) ? 1 : 0;
      intervals += is_interval(cell) ? 1 : 0;
      lengths += is_digits(cell) ? 1 : 0;
      hashes += is_hash(cell) ? 1 : 0;
      upns += is_upn(cell) ? 1 : 0;
      numbered += has_digit(cell) ? 1 : 0;
      filled += cell.empty() ? 0 : 1;
      values.insert(cell);
    }
    secret = most(keys);
    interval = most(intervals);
    digits = most(lengths);
    hash = most(hashes);
    upn = upns > 0 && most(upns + rows.size() - filled);
    serial = !secret && !interval && !digits && !hash && !upn && most(numbered) && most(values.size());
    text = filled > 0 && !secret && !interval && !digits && !hash && !upn;
  }

  bool secret, interval, digits, hash, upn, serial, text;
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

/// How many bytes a key has as base64; 0 if it is none.
std::size_t bytes_of_base64(std::string_view key) {
  std::string padded(key);
  if (padded.find('=') == std::string::npos) padded.append((4 - padded.size() % 4) % 4, '=');
  auto bytes = decode_base64(padded);
  wipe(padded);
  if (!bytes) return 0;
  const std::size_t size = bytes->size();
  wipe(*bytes);
  return size;
}

/// Where a character stands that neither base32 nor hex has, or one that only hex has in a key that cannot be hex.
std::size_t only_base64(std::string_view key) {
  if (const auto at = key.find_first_of("+/"); at != std::string_view::npos) return at;
  const bool beyond_hex = std::ranges::any_of(key, [](char c) { return to_lower(c) > 'f' && to_lower(c) <= 'z'; });
  return beyond_hex ? key.find_first_of("0189") : std::string_view::npos;
}

}  // namespace

FirstRows::~FirstRows() { wipe(text_); }

Result<void> FirstRows::look(CsvRows& rows) {
  const auto start = rows.start(kMostBytes);
  if (!start) return std::unexpected(start.error());
  auto text = *start;
  if (text.size() == kMostBytes) text = text.substr(0, text.find_last_of("\r\n") + 1);
  text_.reserve(text.size());  // enough for all cells: views of it stay valid
  const auto first_line = rows.position().line;
  MemorySource source(text);
  CsvRows ahead(source, text.size() + 1);
  ahead.separate_by(rows.separator());
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

Result<std::optional<ColumnMap>> columns_by_content(Rows rows, bool needs_interval) {
  constexpr std::size_t kEnough = 20;
  rows = rows.first(std::min(rows.size(), kEnough));
  if (rows.empty()) return std::nullopt;
  // A first line without anything of a token is a header whose names nobody knows.
  if (std::ranges::none_of(rows[0].cells, [](auto cell) {
        cell = trimmed_unicode(cell);
        return is_key(cell) || is_interval(cell) || is_upn(cell);
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
  if (std::ranges::count(contents, true, &ColumnContent::secret) == 0) return std::nullopt;
  ColumnMap map;
  map.at.fill(ColumnMap::kAbsent);
  const auto at = [&](Column column) -> std::size_t& { return map.at[static_cast<std::size_t>(column)]; };
  at(Column::serial) = only(&ColumnContent::serial);
  at(Column::secret) = only(&ColumnContent::secret);
  at(Column::interval) = only(&ColumnContent::interval);
  at(Column::upn) = only(&ColumnContent::upn);
  at(Column::hash) = only(&ColumnContent::hash);
  at(Column::digits) = only(&ColumnContent::digits);
  for (const Column needed : {Column::serial, Column::secret, Column::interval}) {
    if (at(needed) != ColumnMap::kAbsent || (needed == Column::interval && !needs_interval)) continue;
    return fail(
        Errc::invalid_input,
        fmt::format("there is no header, and the rows do not tell which column the {} is", name_of(needed)),
        fmt::format("Say it by number, from 1: --map serial=NUMBER --map secret=NUMBER --map interval=NUMBER{}; or add the "
                    "header upn,serial number,secret key,time interval,manufacturer,model",
                    needed == Column::interval ? "; if the file does not say it, --time-interval 30 or 60" : ""));
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
  const auto header =
      columns.headed && !rows.empty() ? std::span<const std::string_view>(rows[0].cells) : std::span<const std::string_view>();
  if (columns.headed && !rows.empty()) rows = rows.subspan(1);
  std::size_t width = header.size();
  for (const auto& row : rows) width = std::max(width, row.cells.size());
  for (std::size_t i = 0; i < width; ++i) {
    if (std::ranges::find(columns.at, i) != columns.at.end()) continue;
    const auto refusal = [&](std::string what, std::string remedy, std::int64_t line) {
      return Error{
          Errc::invalid_input, fmt::format("column {} {}", i + 1, what), std::move(remedy), {{"line", std::to_string(line)}}};
    };
    const std::string name = i < header.size() ? lower(header[i]) : std::string();
    std::size_t intervals = 0;
    for (const auto& row : rows) {
      const auto cell = i < row.cells.size() ? lower(trimmed_unicode(row.cells[i])) : std::string();
      if (cell.starts_with("hotp") || cell.starts_with("ocra") || cell.starts_with("event")) {
        return refusal("says that there are tokens that are not time-based, and --time-interval is for files of those that are",
                       "Remove the rows of the others: Entra does not take them.", row.line);
      }
      if ((cell.starts_with("30") || cell.starts_with("60")) &&
          std::all_of(cell.begin() + 2, cell.end(), [](char c) { return c == ' ' || (c >= 'a' && c <= 'z'); })) {
        ++intervals;
      }
    }
    if (name.find("counter") != std::string::npos || name.find("movingfactor") != std::string::npos) {
      return refusal("is for counters, which time-based tokens do not have",
                     "Ask the vendor what the tokens are; remove the column if they are time-based.", 1);
    }
    if (intervals > 0 && 3 * intervals >= 2 * rows.size()) {
      return refusal(
          "seems to be the time interval",
          fmt::format("Say --map interval={} instead of --time-interval (values are 30 or 60, without a unit); or remove the "
                      "column if it is something else.",
                      i + 1),
          rows[0].line);
    }
  }
  return std::nullopt;
}

EntraPortion::Evidence evidence_of_base64(Rows rows, const ColumnMap& columns) {
  constexpr std::size_t kUsualBytes[] = {16, 20, 32, 64};
  const std::size_t at = columns.at[static_cast<std::size_t>(Column::secret)];
  if (columns.headed && !rows.empty()) rows = rows.subspan(1);
  EntraPortion::Evidence evidence;
  for (const auto& row : rows) {
    const auto key = at < row.cells.size() ? trimmed_unicode(row.cells[at]) : std::string_view();
    if (key.empty()) continue;
    if (std::ranges::find(kUsualBytes, bytes_of_base64(key)) == std::end(kUsualBytes)) return {};
    const auto shown = only_base64(key);
    if (evidence.line == 0 && shown != std::string_view::npos) evidence = {row.line, key[shown], shown + 1};
  }
  return evidence;
}

}  // namespace portalkey
