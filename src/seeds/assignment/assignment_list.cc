#include "seeds/assignment/assignment_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ranges>
#include <span>

#include "base/ascii.h"
#include "base/secret.h"
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
constexpr std::string_view kHowTo =
    "Give the list a first line that names its columns: serial number,upn; or say which is which: --map serial=COLUMN --map "
    "upn=COLUMN";

// As they are after plain_name().
constexpr auto kSerialNames = std::to_array<std::string_view>({"serialnumber",
                                                               "serialno",
                                                               "serialnr",
                                                               "serial",
                                                               "sn",
                                                               "tokenserial",
                                                               "tokenserialnumber",
                                                               "deviceserial",
                                                               "deviceserialnumber",
                                                               "deviceid",
                                                               "tokenid",
                                                               "tokennumber",
                                                               "tokennr",
                                                               "tokenno",
                                                               "hardwaretoken",
                                                               "token",
                                                               "seriennummer",
                                                               "seriennr",
                                                               "tokenseriennummer",
                                                               "tokennummer",
                                                               "geraetenummer",
                                                               "gertenummer",
                                                               "geraet",
                                                               "newserial",
                                                               "newserialnumber",
                                                               "newtoken",
                                                               "newserialno",
                                                               "neueseriennummer",
                                                               "neuerseriennummer",
                                                               "neuertoken",
                                                               "neuetoken",
                                                               "neuesgert",
                                                               "numerodeserie",
                                                               "numrodesrie",
                                                               "nmerodeserie",
                                                               "numerodiserie",
                                                               "serienummer"});
constexpr auto kUpnNames = std::to_array<std::string_view>({"upn",
                                                            "userprincipalname",
                                                            "user",
                                                            "username",
                                                            "userid",
                                                            "useremail",
                                                            "email",
                                                            "emailaddress",
                                                            "mail",
                                                            "login",
                                                            "loginname",
                                                            "account",
                                                            "accountname",
                                                            "assignedto",
                                                            "owner",
                                                            "employee",
                                                            "benutzer",
                                                            "benutzername",
                                                            "benutzerprinzipalname",
                                                            "anmeldename",
                                                            "mitarbeiter",
                                                            "besitzer",
                                                            "inhaber",
                                                            "emailadresse",
                                                            "mailadresse",
                                                            "userprincipal",
                                                            "userprinciplename",
                                                            "holder",
                                                            "utilisateur",
                                                            "usuario",
                                                            "utente",
                                                            "gebruiker"});
constexpr auto kReplacedNames = std::to_array<std::string_view>(
    {"replaces", "old", "oldserial", "oldserialnumber", "oldtoken", "replacedtoken", "replacedserialnumber", "oldserialno",
     "oldserialnr", "previousserial", "previoustoken", "lostserial", "losttoken", "alteseriennummer", "altertoken", "altetoken",
     "ersetzt", "bisherigeseriennummer", "altesgert"});
constexpr auto kPersonNames = std::to_array<std::string_view>(
    {"name", "displayname", "fullname", "firstname", "lastname", "givenname", "surname", "department", "office", "city"});

/// Lower-case letters and digits only: `Serial No.` and `serial_no` are the same name.
std::string plain_name(std::string_view cell) {
  std::string out;
  for (const char c : cell) {
    const char low = to_lower(c);
    if ((low >= 'a' && low <= 'z') || (low >= '0' && low <= '9')) out += low;
  }
  return out;
}

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

struct Columns {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t serial = kNone, upn = kNone, replaces = kNone;
  bool header = false;
};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

using Rows = std::span<const FirstRows::Row>;

/// Most values of a column below its header are user principal names.
bool holds_upns(Rows rows, std::size_t column) {
  std::size_t filled = 0, upns = 0;
  for (const auto& row : rows.subspan(std::min<std::size_t>(1, rows.size()))) {
    const auto value = column < row.cells.size() ? value_or_nothing(row.cells[column]) : std::string_view();
    if (value.empty()) continue;
    ++filled;
    upns += std::ranges::count(value, '@') == 1 && value.find(' ') == std::string_view::npos ? 1 : 0;
  }
  return upns > 0 && 3 * upns >= 2 * filled;
}

/// Where no name says which column is the user's: the only one that has user principal names, whatever it is called.
Result<void> find_users(std::span<const std::string_view> cells, Rows rows, Columns& columns) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == columns.serial || i == columns.replaces || !holds_upns(rows, i)) continue;
    if (columns.upn != Columns::kNone) {
      return fail(Errc::invalid_input,
                  fmt::format("two columns of the list hold user principal names: {} and {}",
                              quoted_name(cells[columns.upn], columns.upn), quoted_name(cells[i], i)),
                  "Say which one is meant: --map upn=COLUMN.");
    }
    columns.upn = i;
  }
  return {};
}

Result<Columns> named_columns(std::span<const std::string_view> cells, bool users_needed, Rows rows) {
  Columns columns;
  columns.header = true;
  std::string unknown;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string name = plain_name(cells[i]);
    std::size_t* place = is_one_of(kSerialNames, name)     ? &columns.serial
                         : is_one_of(kUpnNames, name)      ? &columns.upn
                         : is_one_of(kReplacedNames, name) ? &columns.replaces
                                                           : nullptr;
    if (place == nullptr) {
      if (!name.empty() && !is_one_of(kPersonNames, name))
        unknown += fmt::format("{}\"{}\"", unknown.empty() ? "" : ", ", cells[i]);
    } else if (place == &columns.upn && *place != Columns::kNone && holds_upns(rows, *place) != holds_upns(rows, i)) {
      if (holds_upns(rows, i)) *place = i;  // beside a column of people's names
    } else if (*place != Columns::kNone) {
      return fail(Errc::invalid_input,
                  fmt::format("the list has two columns for the {}: \"{}\" and \"{}\"",
                              place == &columns.serial ? "serial number"
                              : place == &columns.upn  ? "user"
                                                       : "replaced token",
                              cells[*place], cells[i]),
                  "Rename the one that is not meant, or say which one is: --map serial=COLUMN (or upn, replaces).");
    } else {
      *place = i;
    }
  }
  if (columns.upn == Columns::kNone) {
    if (auto found = find_users(cells, rows, columns); !found) return pass(found);
  }
  if (columns.upn == Columns::kNone && users_needed)
    return fail(Errc::invalid_input, "the list has no column of users", std::string(kHowTo));
  if (columns.serial == Columns::kNone && !unknown.empty()) {
    return fail(Errc::invalid_input, fmt::format("the list has no column called serial number; it has {}", unknown),
                "Call the column with the serial numbers \"serial number\"; or, if users are to get tokens in the order of "
                "rows, give a "
                "list of users only.");
  }
  return columns;
}

/// For a list without a header: the cell with an @ is the user, and a second one is the serial number if it looks like one.
Result<Columns> guessed_columns(std::span<const std::string_view> cells, bool users_needed) {
  Columns columns;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = trimmed(cells[i]);
    if (cell.contains('@')) {
      if (columns.upn != Columns::kNone)
        return fail(Errc::invalid_input, "the list's first row has two users", std::string(kHowTo));
      columns.upn = i;
    } else if (std::ranges::any_of(cell, [](char c) { return c >= '0' && c <= '9'; }) && std::ranges::none_of(cell, is_blank)) {
      if (columns.serial != Columns::kNone) {
        return fail(Errc::invalid_input, "the list's first row has two values that may be the serial number",
                    std::string(kHowTo));
      }
      columns.serial = i;
    }
  }
  if (columns.upn == Columns::kNone && (users_needed || columns.serial == Columns::kNone)) {
    return fail(Errc::invalid_input,
                "this is no list of users: the first line neither names a column of users nor has a UPN (name@domain)",
                std::string(kHowTo));
  }
  return columns;
}

/// The caller's names of columns: `serial` and `upn`, or numbers from 1.
Result<void> apply_names(std::span<const ColumnName> names, std::span<const std::string_view> cells, Columns& columns) {
  for (const auto& [column, header, of_list] : names) {
    std::size_t* place = column == Column::serial     ? &columns.serial
                         : column == Column::upn      ? &columns.upn
                         : column == Column::replaces ? &columns.replaces
                                                      : nullptr;
    if (place == nullptr) continue;  // of the seed file
    const auto found =
        std::ranges::find_if(cells, [&](auto cell) { return same_ignoring_case(trimmed_unicode(cell), trimmed(header)); });
    const auto number = whole_number(trimmed(header), static_cast<std::int64_t>(cells.size()));
    if (found == cells.end() && (!number || *number < 1)) {
      return fail(Errc::invalid_input, fmt::format("--map {}={}: the list has no such column", name_of(column), header),
                  "Give the name of a column as the list's first line has it, or its number, from 1.");
    }
    if (found != cells.end()) columns.header = true;
    *place = found != cells.end() ? static_cast<std::size_t>(found - cells.begin()) : static_cast<std::size_t>(*number) - 1;
  }
  return {};
}

Result<Columns> columns_of(std::span<const std::string_view> cells, bool users_needed, std::span<const ColumnName> names,
                           Rows rows) {
  Columns mapped;
  if (auto applied = apply_names(names, cells, mapped); !applied) return pass(applied);
  if (mapped.serial != Columns::kNone || mapped.upn != Columns::kNone || mapped.replaces != Columns::kNone) {
    const bool named_here = std::ranges::any_of(cells, [](auto cell) { return is_one_of(kUpnNames, plain_name(cell)); });
    mapped.header = mapped.header || named_here || std::ranges::none_of(cells, [](auto cell) { return cell.contains('@'); });
    // What --map does not name has its usual name, or is told by its values.
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i == mapped.serial || i == mapped.upn || i == mapped.replaces) continue;
      const std::string name = plain_name(cells[i]);
      if (mapped.serial == Columns::kNone && is_one_of(kSerialNames, name)) mapped.serial = i;
      if (mapped.upn == Columns::kNone && (is_one_of(kUpnNames, name) || cells[i].contains('@'))) mapped.upn = i;
      if (mapped.replaces == Columns::kNone && is_one_of(kReplacedNames, name)) mapped.replaces = i;
    }
    if (mapped.upn == Columns::kNone && mapped.header) {
      if (auto found = find_users(cells, rows, mapped); !found) return pass(found);
    }
    if (mapped.upn == Columns::kNone && users_needed)
      return fail(Errc::invalid_input, "the list has no column of users", "Say which one it is: --map upn=COLUMN.");
    return mapped;
  }
  const bool header = std::ranges::any_of(cells, [](std::string_view cell) {
    const auto name = plain_name(cell);
    return !cell.contains('@') && (is_one_of(kSerialNames, name) || is_one_of(kUpnNames, name));
  });
  return header ? named_columns(cells, users_needed, rows) : guessed_columns(cells, users_needed);
}

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

bool is_name_of_a_list(std::string_view cell) {
  const auto name = plain_name(cell);
  return !cell.contains('@') &&
         (is_one_of(kSerialNames, name) || is_one_of(kUpnNames, name) || is_one_of(kReplacedNames, name));
}

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
    return is_one_of(kSerialNames, plain_name(cell)) || is_one_of(kReplacedNames, plain_name(cell)) ||
           std::ranges::any_of(names, [&](const ColumnName& name) {
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
  std::optional<Columns> columns;
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
    if (std::ranges::all_of(cells, [](std::string_view cell) { return trimmed(cell).empty(); })) continue;
    if (!columns) {
      auto found = columns_of(cells, users == Users::needed, names, ahead.rows());
      if (!found) return std::unexpected(std::move(found).error().with("line", std::to_string(rows.line())));
      columns = *found;
      list.in_order_ = columns->serial == Columns::kNone;
      list.notes_.push_back(
          list.in_order_ ? fmt::format("{} has no serial numbers: its users get the tokens in the order of rows", list.name_)
          : columns->upn == Columns::kNone ? fmt::format("{} has serial numbers only", list.name_)
          : columns->header                ? fmt::format("{}: column \"{}\" is the serial number, \"{}\" the user", list.name_,
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
    if (auto wrong =
            columns->upn == Columns::kNone || (users == Users::optional && upn.empty()) ? std::nullopt : problem_of_upn(upn)) {
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
