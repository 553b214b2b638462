#pragma once
// How commands speak: results on standard output, everything else on standard error.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/terminal/exit_code.h"

namespace portalkey {

/// `with_mark`: a byte order mark comes first, by which older spreadsheets know UTF-8.
enum class OutputFormat { table, json, raw, csv, tsv, csv_with_mark, tsv_with_mark };

/// Prints the error on standard error, as text or (json) as {"error":{"code","what","remedy","context"}}, and returns its exit
/// code.
ExitCode report_error(const Error& error, OutputFormat format);

/// `{"code","what","remedy","context"}`, in the terminal's words.
std::string json_of_error(const Error& error);
/// As a JSON string, with its quotation marks.
std::string json_string(std::string_view text);

/// Writes to standard error. Nothing depends on whether anybody reads it: a full disk or a reader that has gone is no failure.
void say(std::string_view text);

/// The text without what could drive a terminal or mislead its reader: files and services may hold escape sequences, and
/// characters that turn the direction of writing. Line feeds stay.
std::string harmless(std::string_view text);

/// A warning line on standard error.
void warn(std::string_view what);

bool stdout_is_terminal();
bool stderr_is_terminal();
/// Colour is used on a terminal unless NO_COLOR is set.
bool colour_on_stdout();

/// Left-aligned columns, two blanks between; the last one is not padded. Each cell is made one line that is harmless(), of at
/// most 2000 bytes.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  void add(std::vector<std::string> row);
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Writes to standard output at once. If the reader has gone away the rest is dropped, and the exit code stays what it would
/// be.
void print(std::string_view text);

}  // namespace portalkey
