#pragma once
// Which column of the file is which. Names are matched ignoring case, blanks, marks and what is in brackets, in any order: the
// caller's first (--map), then Entra's own, then the ones that vendors, token servers and translations use.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "seeds/input/said.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

struct ColumnMap {
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  std::array<std::size_t, kColumns> at;              ///< index of the field, or kAbsent
  std::size_t fields = 0;                            ///< of a row; blank ones beyond are no matter
  std::size_t least_fields = 0;                      ///< up to the last column that is read; the ones after it may be left out
  SecretEncoding encoding = SecretEncoding::detect;  ///< as the secret column's name says
  bool headed = true;                                ///< the first row is a header, and no token
  std::size_t uris = kAbsent;                        ///< the column of otpauth URIs, if there is one; may be that of the secret
  /// The tokens are the URIs alone; the columns beside them are a password manager's, and hold passwords.
  bool is_vault = false;
  struct Asked {
    std::size_t at;
    SaidUnder under;
    std::string place;  ///< `column 5 (type)`
  };
  std::vector<Asked> asked;  ///< columns whose values may say what kind of token it is
  std::vector<std::string> notes;
};

/// The column that a name, Entra's own or a usual one, stands for.
std::optional<Column> column_named(std::string_view name);

/// Whether these are names of columns: two that are known are enough.
bool is_header(std::span<const std::string_view> cells);

/// Reads a header. nullopt if the cells are none; an Error if they are one but a column is missing or there twice.
/// `names` go before the built-in ones; an Error if one of them is not there, or if two columns mean the same.
/// `needs_interval`: a file without that column is an Error too.
/// `uris`: the column that has otpauth URIs, which say what is needed themselves.
Result<std::optional<ColumnMap>> read_header(std::span<const std::string_view> cells, std::span<const ColumnName> names,
                                             bool needs_interval = true, std::size_t uris = ColumnMap::kAbsent);

/// Sets `asked`: all columns but those of names and keys. `header`: empty if the file has none.
void ask_columns(ColumnMap& map, std::span<const std::string_view> header, std::size_t width);

/// A column for a message: its name, unless that may be a key, or else its number.
std::string quoted_name(std::string_view name, std::size_t index);

/// The columns in Entra's own order if the cells look like a token in that order; for a file without a header.
std::optional<ColumnMap> entra_order(std::span<const std::string_view> cells);

/// The columns whose numbers `names` give; for a file without a header. nullopt if `names` are something else; an Error if a
/// number is too large or a column is missing.
Result<std::optional<ColumnMap>> numbered_columns(std::span<const std::string_view> cells, std::span<const ColumnName> names,
                                                  bool needs_interval = true);

/// Whether a spreadsheet has put a whole row of an Entra CSV into the first cell.
bool is_row_in_one_cell(std::span<const std::string_view> cells);

/// Of a line `sep=;`, which Excel itself writes and hides.
std::optional<char> excel_separator(std::string_view line);

/// The first line that is neither blank, nor `sep=;`, nor begins with `#`; empty if there is none.
std::string_view first_line_without_hash(std::string_view text);

/// `,`, `;` or tab, whichever occurs most in the line outside of quotes.
char separator_of(std::string_view line);

/// The cells without the blank ones at the end.
std::span<const std::string_view> without_blank_end(std::span<const std::string_view> cells);

}  // namespace portalkey
