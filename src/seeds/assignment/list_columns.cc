#include "seeds/assignment/list_columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/whole_number.h"
#include "seeds/input/entra_fields.h"
#include "seeds/input/said.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::string_view kHowTo =
    "Give the list a first line that names its columns: serial number,upn; or say which is which: "
    "[[setting|map|serial=COLUMN]] "
    "[[setting|map|upn=COLUMN]]";

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
Result<void> find_users(std::span<const std::string_view> cells, Rows rows, ListColumns& columns) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i == columns.serial || i == columns.replaces || !holds_upns(rows, i)) continue;
    if (columns.upn != ListColumns::kNone) {
      return fail(Errc::invalid_input,
                  fmt::format("two columns of the list hold user principal names: {} and {}",
                              quoted_name(cells[columns.upn], columns.upn), quoted_name(cells[i], i)),
                  "Say which one is meant: [[setting|map|upn=COLUMN]].");
    }
    columns.upn = i;
  }
  return {};
}

Result<ListColumns> named_columns(std::span<const std::string_view> cells, bool users_needed, Rows rows) {
  ListColumns columns;
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
    } else if (place == &columns.upn && *place != ListColumns::kNone && holds_upns(rows, *place) != holds_upns(rows, i)) {
      if (holds_upns(rows, i)) *place = i;  // beside a column of people's names
    } else if (*place != ListColumns::kNone) {
      return fail(Errc::invalid_input,
                  fmt::format("the list has two columns for the {}: \"{}\" and \"{}\"",
                              place == &columns.serial ? "serial number"
                              : place == &columns.upn  ? "user"
                                                       : "replaced token",
                              cells[*place], cells[i]),
                  "Rename the one that is not meant, or say which one is: [[setting|map|serial=COLUMN]] (or upn, replaces).");
    } else {
      *place = i;
    }
  }
  if (columns.upn == ListColumns::kNone) {
    if (auto found = find_users(cells, rows, columns); !found) return pass(found);
  }
  if (columns.upn == ListColumns::kNone && users_needed)
    return fail(Errc::invalid_input, "the list has no column of users", std::string(kHowTo));
  if (columns.serial == ListColumns::kNone && !unknown.empty()) {
    return fail(Errc::invalid_input, fmt::format("the list has no column called serial number; it has {}", unknown),
                "Call the column with the serial numbers \"serial number\"; or, if users are to get tokens in the order of "
                "rows, give a "
                "list of users only.");
  }
  return columns;
}

/// For a list without a header: the cell with an @ is the user, and a second one is the serial number if it looks like one.
Result<ListColumns> guessed_columns(std::span<const std::string_view> cells, bool users_needed) {
  ListColumns columns;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = trimmed(cells[i]);
    if (cell.contains('@')) {
      if (columns.upn != ListColumns::kNone)
        return fail(Errc::invalid_input, "the list's first row has two users", std::string(kHowTo));
      columns.upn = i;
    } else if (std::ranges::any_of(cell, [](char c) { return c >= '0' && c <= '9'; }) && std::ranges::none_of(cell, is_blank)) {
      if (columns.serial != ListColumns::kNone) {
        return fail(Errc::invalid_input, "the list's first row has two values that may be the serial number",
                    std::string(kHowTo));
      }
      columns.serial = i;
    }
  }
  if (columns.upn == ListColumns::kNone && (users_needed || columns.serial == ListColumns::kNone)) {
    return fail(Errc::invalid_input,
                "this is no list of users: the first line neither names a column of users nor has a UPN (name@domain)",
                std::string(kHowTo));
  }
  return columns;
}

/// The caller's names of columns: `serial` and `upn`, or numbers from 1.
Result<void> apply_names(std::span<const ColumnName> names, std::span<const std::string_view> cells, ListColumns& columns) {
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
      return fail(Errc::invalid_input,
                  fmt::format("[[setting|map|{}={}]]: the list has no such column", name_of(column), header),
                  "Give the name of a column as the list's first line has it, or its number, from 1.");
    }
    if (found != cells.end()) columns.header = true;
    *place = found != cells.end() ? static_cast<std::size_t>(found - cells.begin()) : static_cast<std::size_t>(*number) - 1;
  }
  return {};
}

}  // namespace

Result<ListColumns> list_columns(std::span<const std::string_view> cells, bool users_needed, std::span<const ColumnName> names,
                                 Rows rows) {
  ListColumns mapped;
  if (auto applied = apply_names(names, cells, mapped); !applied) return pass(applied);
  if (mapped.serial != ListColumns::kNone || mapped.upn != ListColumns::kNone || mapped.replaces != ListColumns::kNone) {
    const bool named_here = std::ranges::any_of(cells, [](auto cell) { return is_one_of(kUpnNames, plain_name(cell)); });
    mapped.header = mapped.header || named_here || std::ranges::none_of(cells, [](auto cell) { return cell.contains('@'); });
    // What --map does not name has its usual name, or is told by its values.
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i == mapped.serial || i == mapped.upn || i == mapped.replaces) continue;
      const std::string name = plain_name(cells[i]);
      if (mapped.serial == ListColumns::kNone && is_one_of(kSerialNames, name)) mapped.serial = i;
      if (mapped.upn == ListColumns::kNone && (is_one_of(kUpnNames, name) || cells[i].contains('@'))) mapped.upn = i;
      if (mapped.replaces == ListColumns::kNone && is_one_of(kReplacedNames, name)) mapped.replaces = i;
    }
    if (mapped.upn == ListColumns::kNone && mapped.header) {
      if (auto found = find_users(cells, rows, mapped); !found) return pass(found);
    }
    if (mapped.upn == ListColumns::kNone && users_needed)
      return fail(Errc::invalid_input, "the list has no column of users", "Say which one it is: [[setting|map|upn=COLUMN]].");
    return mapped;
  }
  const bool header = std::ranges::any_of(cells, [](std::string_view cell) {
    const auto name = plain_name(cell);
    return !cell.contains('@') && (is_one_of(kSerialNames, name) || is_one_of(kUpnNames, name));
  });
  return header ? named_columns(cells, users_needed, rows) : guessed_columns(cells, users_needed);
}

bool is_name_of_a_list(std::string_view cell) {
  const auto name = plain_name(cell);
  return !cell.contains('@') &&
         (is_one_of(kSerialNames, name) || is_one_of(kUpnNames, name) || is_one_of(kReplacedNames, name));
}

bool names_serials(std::string_view cell) {
  const auto name = plain_name(cell);
  return is_one_of(kSerialNames, name) || is_one_of(kReplacedNames, name);
}

}  // namespace portalkey
