#pragma once
// Splits delimited text (RFC 4180 and what spreadsheets make of it) into rows of views, through one buffer of fixed size.
//
// Line feeds, carriage returns and quotes are looked for with memchr, each ahead of the row and remembered, so that a file
// without quotes or carriage returns is scanned for them once per buffer and not once per row. Only a row that holds a quote
// is looked at byte by byte.
//
// A quote that is never closed must not swallow the rest of the file. Such a row ends with its first line, is marked broken,
// and reading goes on with the next line.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "seeds/input/byte_source.h"

namespace portalkey {

class CsvRows {
 public:
  static constexpr std::size_t kBufferBytes = std::size_t{1} << 20;
  static constexpr std::size_t kMaxFields = 64;

  /// A row must fit into `buffer_bytes`.
  explicit CsvRows(ByteSource& source, std::size_t buffer_bytes = kBufferBytes);
  CsvRows(const CsvRows&) = delete;
  CsvRows& operator=(const CsvRows&) = delete;
  ~CsvRows();

  /// The file's first bytes, at most `most`, not consumed; fewer only if the file or the buffer ends there. For telling what
  /// kind of file it is.
  Result<std::string_view> start(std::size_t most);

  /// How many bytes the source has in all; 0 if it is not known.
  std::uint64_t source_bytes() const { return source_.random_access() == nullptr ? 0 : source_.random_access()->size(); }

  /// Drops `bytes` of what `start` showed: a byte order mark.
  void skip(std::size_t bytes) { at_ += bytes; }

  /// The next line, not consumed and not split; nullopt at the end.
  Result<std::optional<std::string_view>> peek_line();
  /// Drops what `peek_line` showed.
  void skip_line();

  void separate_by(char separator) { separator_ = separator; }
  char separator() const { return separator_; }

  /// How many values a row of the table has: a line that begins with `#` and has as many is a row of it, and no comment. 0,
  /// until it is set: none is.
  void set_width(std::size_t fields) { width_ = fields; }
  std::size_t width() const { return width_; }
  /// Whether the current row, which is not broken, begins with `#` outside of quotes.
  bool begins_with_hash() const { return row_ != nullptr && *row_ == '#'; }

  /// The line that is read next, from 1: a row's, or a blank one or comment before it.
  std::int64_t next_line() const { return next_line_; }
  /// Goes to the next row; false at the end. Empty lines and comments are passed over: lines that begin with `#` and do not
  /// have the table's number of values.
  Result<bool> next();

  /// Of the current row. The views are valid until the next call; quotes are taken off, blanks outside of them too, blanks
  /// of unquoted fields are left. Beyond kMaxFields the rest of the row is one field.
  std::span<const std::string_view> fields() const { return {fields_.data(), fields_found_}; }
  /// Where the current row begins, from 1.
  std::int64_t line() const { return line_; }

  /// Where in its line one of the current row's fields begins, in characters from 1; 0 if it is on a later line of the row.
  int column_of(std::string_view field) const;

  enum class Broken { no, unclosed_quote, text_after_quote };
  Broken broken() const { return broken_; }

 private:
  enum class Scan { complete, needs_more, unclosed_quote, text_after_quote };

  bool find_line_end();
  Result<bool> complete_line();
  Result<bool> more();
  std::size_t find(char c, std::size_t& known) const;
  void split_plain(std::string_view row);
  Scan split_quoted();
  void add_field(std::size_t from, std::size_t to);

  ByteSource& source_;
  std::size_t capacity_;
  std::unique_ptr<char[]> buffer_;
  std::size_t most_filled_ = 0;  // what there is to wipe
  std::size_t at_ = 0;           // of the next row
  std::size_t filled_ = 0;       // bytes in the buffer
  std::size_t line_end_ = 0;     // of the line at `at_`, set by complete_line
  std::size_t line_next_ = 0;
  std::size_t next_lf_ = kUnknown, next_cr_ = kUnknown, next_quote_ = kUnknown;
  bool ended_ = false;
  char separator_ = ',';
  std::size_t width_ = 0;
  std::int64_t next_line_ = 1;
  std::int64_t line_ = 0;
  const char* row_ = nullptr;  // the current row's first byte
  Broken broken_ = Broken::no;
  std::array<std::string_view, kMaxFields> fields_;
  std::size_t fields_found_ = 0;
  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
};

/// How many values a line has; separators in quotes separate nothing.
std::size_t count_of_values(std::string_view line, char separator);

}  // namespace portalkey
