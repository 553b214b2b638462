#include "cli/terminal/rows.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/spreadsheet_text.h"
#include "base/visible_text.h"

namespace portalkey {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// With `;`, too: where that separates columns, as in much of Europe, a spreadsheet splits there what is not quoted.
bool needs_quotes(std::string_view field) {
  return field.find_first_of(",;\"") != std::string_view::npos || field.starts_with(' ') || field.ends_with(' ');
}

std::string quoted_field(std::string_view field) {
  std::string out = "\"";
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

}  // namespace

Cell Cell::number(std::int64_t value, std::string shown) {
  Cell cell(std::to_string(value));
  cell.shown_ = std::move(shown);
  cell.is_text_ = false;
  return cell;
}

Cell Cell::nothing() {
  Cell cell("");
  cell.shown_ = "-";
  return cell;
}

std::string Rows::text(OutputFormat format) const {
  switch (format) {
    case OutputFormat::csv: return separated(',');
    case OutputFormat::csv_with_mark: return std::string(kByteOrderMark) + separated(',');
    case OutputFormat::tsv: return separated('\t');
    case OutputFormat::tsv_with_mark: return std::string(kByteOrderMark) + separated('\t');
    default: return table();
  }
}

std::string Rows::table() const {
  std::vector<std::string> header;
  for (const auto& column : columns_) {
    std::string name = column;
    std::ranges::transform(name, name.begin(), to_upper);
    header.push_back(std::move(name));
  }
  Table table(std::move(header));
  for (const auto& row : rows_) {
    std::vector<std::string> cells;
    for (const auto& cell : row) cells.push_back(cell.shown_.empty() ? cell.text_ : cell.shown_);
    table.add(std::move(cells));
  }
  return table.text();
}

std::string Rows::separated(char separator) const {
  const bool csv = separator == ',';
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != 0) out += separator;
    out += columns_[i];
  }
  out += csv ? "\r\n" : "\n";
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i != 0) out += separator;
      // One line, and no tab: both are control characters, which become blanks.
      const std::string text = visible_text(row[i].text_);
      const std::string field = row[i].is_text_ ? spreadsheet_text(text) : text;
      out += csv && needs_quotes(field) ? quoted_field(field) : field;
    }
    out += csv ? "\r\n" : "\n";
  }
  return out;
}

}  // namespace portalkey
