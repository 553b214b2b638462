#include "cli/tokens/seed_problems.h"

#include <fmt/format.h>

#include "cli/terminal/output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/references.h"
#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

/// The text without what differs from row to row: numbers, and words that hold an @.
std::string kind_of(const std::string& field, const std::string& what) {
  std::string out = field + ": ";
  bool number = false;
  for (const char c : what) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit) out += c;
    if (digit && !number) out += 'N';
    number = digit;
  }
  for (auto at = out.find('@'); at != std::string::npos; at = out.find('@')) {
    auto begin = out.rfind(' ', at), end = out.find(' ', at);
    begin = begin == std::string::npos ? 0 : begin + 1;
    if (end == std::string::npos) end = out.size();
    out.replace(begin, end - begin, "USER");
  }
  return out;
}

}  // namespace

ProblemPrinter::Kind& ProblemPrinter::kind_named(std::string name) {
  if (kinds_.size() >= kMostKinds && !kinds_.contains(name)) name = "other problems";
  return kinds_[std::move(name)];
}

void ProblemPrinter::print_left_out(const TokenSeed& token, const std::string& why, const std::string& remedy,
                                    bool graph_would) {
  auto& kind = kind_named(kind_of("left out", why));
  if (!is_shown(kind)) return;
  std::string text = token.line != 0 ? fmt::format("line {}", token.line) : "";
  if (token.nth != 0) text += token.line != 0 ? fmt::format(" (row {})", token.nth) : fmt::format("row {}", token.nth);
  const auto serial = quotable_serial(token.serial);
  text += fmt::format(": left out{}: {}{}\n", serial.empty() ? "" : ", serial number " + serial, in_commands(why),
                      graph_would ? "; Microsoft Graph takes it" : "");
  std::string advice = remedy.empty() ? std::string() : fmt::format("  what to do: {}\n", pasteable(remedy));
  if (advice != kind.advice) text += advice;  // the same advice once is enough
  kind.advice = std::move(advice);
  portalkey::print(harmless(text));
}

void ProblemPrinter::print(const RowProblem& problem) {
  auto& kind = kind_named(kind_of(problem.field, problem.what));
  if (!is_shown(kind)) return;

  std::string text = problem.file.empty() ? "" : problem.file + ", ";
  if (problem.line != 0) text += fmt::format("line {}", problem.line);
  if (problem.column != 0) text += fmt::format(", column {}", problem.column);
  if (problem.row != 0) text += problem.line != 0 ? fmt::format(" (row {})", problem.row) : fmt::format("row {}", problem.row);
  text += fmt::format(": {}{}{}: {}\n", problem.warning ? "warning: " : "", problem.field,
                      problem.serial.empty() ? "" : " of " + problem.serial, in_commands(problem.what));
  if (!problem.value.empty()) text += fmt::format("  value: {}\n", problem.value);
  std::string advice;
  if (!problem.expected.empty()) advice += fmt::format("  expected: {}\n", in_commands(problem.expected));
  if (!problem.cause.empty()) advice += fmt::format("  likely cause: {}\n", in_commands(problem.cause));
  if (!problem.remedy.empty()) advice += fmt::format("  what to do: {}\n", pasteable(problem.remedy));
  if (advice != kind.advice) text += advice;  // the same advice once is enough
  kind.advice = std::move(advice);
  portalkey::print(harmless(text));
}

void ProblemPrinter::finish() {
  if (all_) return;
  for (const auto& [name, kind] : kinds_) {
    if (kind.count > kShown)
      portalkey::print(
          harmless(fmt::format("... and {} more like \"{}\" (--all shows them)\n", kind.count - kShown, in_commands(name))));
  }
}

}  // namespace portalkey
