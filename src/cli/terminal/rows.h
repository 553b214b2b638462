#pragma once
// Rows of a result: a table for people; CSV and TSV for spreadsheets, auditors and scripts.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal/output.h"

namespace portalkey {

/// One value of a row.
class Cell {
 public:
  Cell(std::string text) : text_(std::move(text)) {}
  Cell(std::string_view text) : text_(text) {}
  Cell(const char* text) : text_(text) {}
  /// A table shows it in words of its own: `30 s`.
  static Cell number(std::int64_t value, std::string shown = {});
  /// Nothing is known: empty, in a table `-`.
  static Cell nothing();

 private:
  friend class Rows;
  std::string text_;
  std::string shown_;    // in a table; empty: as `text_`
  bool is_text_ = true;  // a number begins no formula, whatever its sign
};

class Rows {
 public:
  /// What CSV and TSV call the columns, in their first line; a table has them in capitals.
  explicit Rows(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  /// As a table; or as CSV (RFC 4180: CRLF, quotes where a field needs them) or TSV (text/tab-separated-values of IANA: no
  /// quotes, no tabs or line ends in a field), both in UTF-8 and safe to open in a spreadsheet (base/spreadsheet_text.h).
  /// `format` is none of JSON's.
  std::string text(OutputFormat format) const;

 private:
  std::string table() const;
  std::string separated(char separator) const;

  std::vector<std::string> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace portalkey
