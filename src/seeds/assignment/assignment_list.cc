#include "seeds/assignment/assignment_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <span>

#include "base/ascii.h"
#include "base/secret.h"
#include "seeds/assignment/list_columns.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/first_rows.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/formats/file_kind.h"
#include "seeds/formats/formats.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/key_fields.h"
#include "seeds/input/peeked_source.h"
#include "seeds/input/said.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/transcoded_source.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
/// Cells that are not UTF-8 have been saved in a Western code page; what is nothing there either stays as it is.
class DecodedCells {
 public:
  std::span<const std::string_view> operator()(std::span<const std::string_view> cells) {
    cells_.assign(cells.begin(), cells.end());
    texts_.clear();
    texts_.reserve(cells.size());  // views into them must stay valid
    for (auto& cell : cells_) {
      if (first_invalid_utf8(cell) == std::string_view::npos) continue;
      auto decoded = utf8_of_windows_1252(cell);
      if (!decoded) continue;
      cell = texts_.emplace_back(std::move(*decoded));
      ++count_;
    }
    return cells_;
  }
  std::int64_t count() const { return count_; }

 private:
  std::vector<std::string_view> cells_;
  std::vector<std::string> texts_;
  std::int64_t count_ = 0;
};

/// By which character values are separated, and how many a row has: a line that begins with `#` and has as many is the header,
/// or a row, and no comment.
Result<void> separate(CsvRows& rows) {
  constexpr std::size_t kLookedAt = std::size_t{32} << 10;
  const auto start = rows.start(kLookedAt);
  if (!start) return std::unexpected(start.error());
  const auto first = first_line_without_hash(*start);
  rows.separate_by(separator_of(first));
  const auto line = rows.peek_line();
  if (!line) return std::unexpected(line.error());
  if (const auto told = *line ? excel_separator(**line) : std::nullopt) {
    rows.skip_line();
    rows.separate_by(*told);
  }
  const auto width = count_of_values(first, rows.separator());
  if (width > 1) rows.set_width(width);
  return {};
}

/// The first rows of delimited text. False: there are none, or it is something else, or is read only once, such as a pipe.
bool look_at(const std::filesystem::path& path, FirstRows& ahead) {
  constexpr std::size_t kLookedAt = std::size_t{32} << 10;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return false;
  auto source = FileSource::open(path);
  if (!source) return false;
  PeekedSource peeked(*source);
  const auto bytes = peeked.peek(kLookedAt);
  if (!bytes) return false;
  std::string_view text = *bytes;
  struct Wiped {  // it may be a seed file
    std::string text = {};
    ~Wiped() { wipe(text); }
  } decoded;
  if (const auto order = utf16_order(text)) text = decoded.text = utf8_of_start(text, *order);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (is_zip(text) || why_not_readable(text, peeked.whole())) return false;
  if (const auto format = format_of(text); !format || !about(*format).has_any_columns) return false;
  MemorySource start(text);
  CsvRows rows(start, text.size() + 1);
  return separate(rows) && ahead.look(rows) && !ahead.rows().empty();
}

bool is_of_a_list(Column column) { return column == Column::serial || column == Column::upn || column == Column::replaces; }

/// An object id is 32 hex digits, too, and no key.
bool looks_like_a_key(std::string_view cell) {
  constexpr std::size_t kLeast = 24, kGuid = 36;
  cell = trimmed_unicode(cell);
  if (cell.size() < kLeast || cell.contains('@') || (cell.size() == kGuid && std::ranges::count(cell, '-') == 4)) return false;
  SecretKeyText key;
  return key.read(cell, SecretEncoding::detect).has_value() || has_base64_key_size(cell);
}

/// Most values of a column that is not called after the serial numbers.
bool have_keys(std::span<const FirstRows::Row> rows, std::span<const ColumnName> names) {
  if (rows.empty()) return false;
  const auto& first = rows[0].cells;
  const auto is_serial = [&](std::string_view cell) {
    return names_serials(cell) || std::ranges::any_of(names, [&](const ColumnName& name) {
             return is_of_a_list(name.column) && same_ignoring_case(trimmed_unicode(cell), trimmed(name.header));
           });
  };
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (is_serial(first[i])) continue;
    const auto keys =
        std::ranges::count_if(rows, [&](const auto& row) { return i < row.cells.size() && looks_like_a_key(row.cells[i]); });
    if (2 * keys >= std::ssize(rows)) return true;
  }
  return false;
}

bool is_a_list(std::span<const FirstRows::Row> rows, std::span<const ColumnName> names) {
  if (rows.empty()) return false;
  const auto& first = rows[0].cells;
  if (std::ranges::find(names, Column::secret, &ColumnName::column) != names.end()) return false;
  if (std::ranges::any_of(first, [](auto cell) { return column_named(cell) == Column::secret; })) return false;
  if (entra_order(first) || column_of_uris(rows) != ColumnMap::kAbsent || have_keys(rows, names)) return false;
  const bool mapped = std::ranges::any_of(names, [&](const ColumnName& name) {
    return is_of_a_list(name.column) && std::ranges::any_of(first, [&](auto cell) {
             return same_ignoring_case(trimmed_unicode(cell), trimmed(name.header));
           });
  });
  return mapped || std::ranges::any_of(first, is_name_of_a_list) ||
         std::ranges::any_of(first, [](auto cell) { return !problem_of_upn(trimmed_unicode(cell)); });
}

}  // namespace

void AssignmentList::add(const Entry& entry) {
  const auto known = entry.serial.empty() ? std::nullopt : entries_.find(entry.serial);
  if (!known) return entries_.add(entry);
  const Entry first = entries_[*known];
  if (first.other_line != 0 || same_ignoring_case(first.upn, entry.upn)) return;
  entries_.set_other_line(*known, entry.line);
  RowProblem problem;
  problem.file = name_;
  problem.line = entry.line;
  problem.serial = quotable_serial(entry.serial);
  problem.upn = entry.upn;
  problem.field = name_of(Column::upn);
  problem.what = fmt::format("line {} of the list gives the same token to another user: it is given to neither", first.line);
  problem.remedy = "Find out who has the device, and remove the other row.";
  problems_.push_back(std::move(problem));
}

Result<AssignmentList> AssignmentList::read(const std::filesystem::path& path, Users users, std::span<const ColumnName> names) {
  auto source = FileSource::open(path);
  if (!source) return std::unexpected(std::move(source).error().with("list", path.string()));
  auto list = read(*source, path.filename().string(), users, names);
  if (!list) return std::unexpected(std::move(list).error().with("list", path.string()));
  return list;
}

std::vector<ColumnName> AssignmentList::columns_named(const std::filesystem::path& path, std::span<const ColumnName> columns) {
  std::vector<ColumnName> named;
  FirstRows ahead;
  if (columns.empty() || !look_at(path, ahead)) return named;
  for (const auto& cell : ahead.rows().front().cells) {
    for (const auto& column : columns) {
      if (is_of_a_list(column.column) && same_ignoring_case(trimmed_unicode(cell), trimmed(column.header)))
        named.push_back(column);
    }
  }
  return named;
}

bool AssignmentList::is_one(const std::filesystem::path& path, std::span<const ColumnName> columns) {
  FirstRows ahead;
  return look_at(path, ahead) && is_a_list(ahead.rows(), columns);
}

Result<AssignmentList> AssignmentList::read(ByteSource& source, std::string name, Users users,
                                            std::span<const ColumnName> names) {
  PeekedSource peeked(source);
  const auto bytes = peeked.peek(kEnoughToTell);
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view start = *bytes;
  const auto order = utf16_order(start);
  std::string decoded_start;
  if (order) start = decoded_start = utf8_of_start(start, *order);
  const bool marked = start.starts_with(kByteOrderMark);
  if (marked) start.remove_prefix(kByteOrderMark.size());
  if (auto refusal = why_not_readable(start, peeked.whole())) return std::unexpected(std::move(*refusal));
  if (const auto text = trimmed(start); text.starts_with('{') || text.starts_with('[') || text.starts_with('<')) {
    return fail(Errc::invalid_input,
                fmt::format("a list is delimited text, and this seems to be {}", text.starts_with('<') ? "XML" : "JSON"),
                "Save it with columns: serial number,upn");
  }

  AssignmentList list;
  list.name_ = std::move(name);
  std::optional<TranscodedSource> transcoded;
  if (order) {
    transcoded.emplace(peeked, *order);
    list.notes_.push_back(fmt::format("{} is UTF-16 ({}) and was read as such", list.name_,
                                      *order == ByteOrder::little ? "little-endian" : "big-endian"));
  }
  CsvRows rows(order ? static_cast<ByteSource&>(*transcoded) : peeked);
  if (auto begun = rows.start(kByteOrderMark.size()); !begun) return pass(begun);
  if (marked && !order) rows.skip(kByteOrderMark.size());
  if (auto begun = separate(rows); !begun) return pass(begun);

  FirstRows ahead;
  if (auto looked = ahead.look(rows); !looked) return pass(looked);
  DecodedCells decoded;
  std::optional<ListColumns> columns;
  for (;;) {
    const auto more = rows.next();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const auto cells = decoded(rows.fields());
    if (list.size() == kMostRows) {
      return fail(Errc::invalid_input, fmt::format("the list has more than {} rows", kMostRows),
                  "Split it, and the seed file likewise.");
    }
    if (list.problems_.size() == kMostProblems) {
      const auto& first = list.problems_.front();
      return fail(Errc::invalid_input,
                  fmt::format("more than {} rows of the list cannot be used; the first is line {}: {}: {}", kMostProblems,
                              first.line, first.field, first.what),
                  "Check that this is the list that is meant, and that its columns are named right.");
    }
    const bool whole = rows.broken() == CsvRows::Broken::no;  // a broken row has no cells
    if (whole && std::ranges::all_of(cells, [](std::string_view cell) { return trimmed(cell).empty(); })) continue;
    if (!columns) {
      auto found = list_columns(cells, users == Users::needed, names, ahead.rows());
      if (!found) return std::unexpected(std::move(found).error().with("line", std::to_string(rows.line())));
      columns = *found;
      list.in_order_ = columns->serial == ListColumns::kNone;
      list.notes_.push_back(
          list.in_order_ ? fmt::format("{} has no serial numbers: its users get the tokens in the order of rows", list.name_)
          : columns->upn == ListColumns::kNone ? fmt::format("{} has serial numbers only", list.name_)
          : columns->header ? fmt::format("{}: column \"{}\" is the serial number, \"{}\" the user", list.name_,
                                          cells[columns->serial], cells[columns->upn])
                            : fmt::format("{} has no header: value {} is the serial number, value {} the user", list.name_,
                                          columns->serial + 1, columns->upn + 1));
      if (columns->header) continue;
    }
    const auto refuse = [&](Column field, std::string what, std::string remedy) {
      RowProblem problem;
      problem.file = list.name_;
      problem.line = rows.line();
      problem.field = name_of(field);
      problem.what = std::move(what);
      problem.remedy = std::move(remedy);
      list.problems_.push_back(std::move(problem));
    };
    const auto cell = [&](std::size_t i) { return i < cells.size() ? value_or_nothing(cells[i]) : std::string_view(); };
    if (rows.broken() != CsvRows::Broken::no) {
      refuse(Column::upn, "a quote is not closed", "Remove the quote, or close it.");
      continue;
    }
    if (rows.begins_with_hash() && !stands_for_nothing(cells[0])) {  // #N/A is a value
      refuse(Column::serial, "the line begins with # and has the list's number of values: a token, or a comment?",
             "Delete the line if it is a comment; put its first value in quotes (\"#...\") if it is a token.");
      continue;
    }
    const auto upn = cell(columns->upn);
    const auto serial = list.in_order_ ? std::string_view() : unwrapped_serial(cell(columns->serial));
    if (auto wrong = columns->upn == ListColumns::kNone || (users == Users::optional && upn.empty()) ? std::nullopt
                                                                                                     : problem_of_upn(upn)) {
      refuse(Column::upn, std::move(wrong->what), std::move(wrong->remedy));
      if (list.in_order_) list.entries_.add({.line = rows.line()});  // the ones after it must not move up
      continue;
    }
    if (!list.in_order_) {
      if (auto wrong = problem_of_serial(serial)) {
        refuse(Column::serial, std::move(wrong->what), std::move(wrong->remedy));
        continue;
      }
    }
    const auto replaces = unwrapped_serial(cell(columns->replaces));
    list.add({.line = rows.line(), .serial = serial, .upn = upn, .replaces = replaces});
  }
  if (!columns) return fail(Errc::invalid_input, "the list is empty", "Check that the export was complete.");
  if (decoded.count() != 0) {
    list.notes_.push_back(
        fmt::format("{}: {} values are not UTF-8 and were read as Windows-1252", list.name_, decoded.count()));
  }
  return list;
}

}  // namespace portalkey
