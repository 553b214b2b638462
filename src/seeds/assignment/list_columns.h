#pragma once
// Which column of an assignment list is which: by the caller's names, by those that vendors and administrators use, or by what
// stands in them.

#include <span>
#include <string_view>

#include "base/error.h"
#include "seeds/formats/csv/first_rows.h"
#include "seeds/model/seed_format.h"

namespace portalkey {

struct ListColumns {
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t serial = kNone, upn = kNone, replaces = kNone;
  bool header = false;
};

/// By the first row with values, which is a header or not, and the rows after it. `names` are the caller's: names or numbers of
/// columns from 1. An Error if a column is missing, or if two may be the same.
Result<ListColumns> list_columns(std::span<const std::string_view> cells, bool users_needed, std::span<const ColumnName> names,
                                 std::span<const FirstRows::Row> rows);

/// Whether a header's cell names one of a list's columns.
bool is_name_of_a_list(std::string_view cell);
/// Whether a header's cell names serial numbers, of tokens that come or go.
bool names_serials(std::string_view cell);

}  // namespace portalkey
