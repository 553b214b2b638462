#include "cli/terminal/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/json_text.h"
#include "base/visible_text.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/references.h"

namespace portalkey {
namespace {

/// Columns on screen: continuation bytes of UTF-8 take none.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

constexpr std::size_t kLongestCell = 2000;

std::string in_one_line(std::string_view text) {
  std::string out = harmless(text);
  std::ranges::replace(out, '\n', ' ');
  return out;
}

}  // namespace

std::string harmless(std::string_view text) { return visible_text(text, '?', LineEnds::kept); }

std::string json_of_error(const Error& error) {
  boost::json::object context;
  for (const auto& [key, value] : error.context) context[key] = in_commands(value);
  return json_text(boost::json::object{{"code", name_of(error.code)},
                                       {"what", pasteable(error.what)},
                                       {"remedy", pasteable(error.remedy)},
                                       {"context", std::move(context)}});
}

std::string json_string(std::string_view text) { return json_text(boost::json::string(text)); }

ExitCode report_error(const Error& error, OutputFormat format) {
  if (format == OutputFormat::json) {
    say(fmt::format("{{\"error\":{}}}\n", json_of_error(error)));
  } else {
    std::string text = fmt::format("error: {}\n", pasteable(error.what));
    for (const auto& [key, value] : error.context) text += fmt::format("  {}: {}\n", key, in_one_line(in_commands(value)));
    if (!error.remedy.empty()) text += fmt::format("  what to do: {}\n", pasteable(error.remedy));
    say(harmless(text));
  }
  return exit_code_of(error.code);
}

void warn(std::string_view what) { say(fmt::format("warning: {}\n", harmless(pasteable(what)))); }

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

bool colour_on_stdout() {
  const char* no_colour = std::getenv("NO_COLOR");
  return stdout_is_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

Table::Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }

void Table::add(std::vector<std::string> row) {
  for (auto& cell : row) cell = bounded_text(in_one_line(cell), kLongestCell);
  rows_.push_back(std::move(row));
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
    }
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  return out;
}

void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void print(std::string_view text) {
  static bool reader_gone = false;
  while (!text.empty() && !reader_gone) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EPIPE) {
      reader_gone = true;
      return;
    }
    if (n < 0) {
      say(fmt::format("error: cannot write to standard output: {}\n", std::strerror(errno)));
      std::_Exit(static_cast<int>(ExitCode::failed));
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace portalkey
