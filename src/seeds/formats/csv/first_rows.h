#pragma once
// A look at the first rows of delimited text before they are read: what the columns of a file without a header are, and whether
// its keys are base64, no single row tells.

#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "seeds/formats/csv/csv_rows.h"
#include "seeds/formats/csv/entra_header.h"
#include "seeds/formats/csv/entra_rows.h"

namespace portalkey {

/// Copies of rows; wiped at the end, as they hold keys.
class FirstRows {
 public:
  struct Row {
    std::int64_t line = 0;
    std::vector<std::string_view> cells;
  };

  FirstRows() = default;
  FirstRows(const FirstRows&) = delete;
  FirstRows& operator=(const FirstRows&) = delete;
  ~FirstRows();

  /// Of what `rows` reads next, of which it consumes nothing. Broken rows and one that is cut off are left out.
  Result<void> look(CsvRows& rows);
  std::span<const Row> rows() const { return rows_; }

 private:
  std::string text_;
  std::vector<Row> rows_;
};

/// The columns of a file without a header, by what several rows have in them: Entra's order, one that vendors use, or any other
/// in which nothing can be mistaken. nullopt if the rows are no tokens; an Error that names --map if they are ambiguous, or if
/// there is no time interval and `needs_interval`.
Result<std::optional<ColumnMap>> columns_by_content(std::span<const FirstRows::Row> rows, bool needs_interval = true);

/// The column in which otpauth:// URIs stand; kAbsent: none.
std::size_t column_of_uris(std::span<const FirstRows::Row> rows);

/// What the values of columns with unknown names show: whose they are UPNs is the upn column, and columns of nothing but 6 and
/// 8, or of nothing but hashes, are asked as such. An Error if two columns may be the UPN.
Result<void> columns_by_values(std::span<const FirstRows::Row> rows, ColumnMap& columns);

/// A time interval that the caller says, for a file of which another column seems to be it. nullopt if none does.
std::optional<Error> why_no_time_interval_is_to_be_said(std::span<const FirstRows::Row> rows, const ColumnMap& columns);

/// A character that shows that the keys are base64; none (line 0) if they may be something else. All of these rows must
/// fit: each key has 16, 20, 32 or 64 bytes as base64, which no base32 and no hex of a usual key has.
EncodingEvidence evidence_of_base64(std::span<const FirstRows::Row> rows, const ColumnMap& columns);

}  // namespace portalkey
