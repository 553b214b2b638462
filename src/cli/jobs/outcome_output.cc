#include "cli/jobs/outcome_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/counted.h"
#include "base/time_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/pasteable.h"
#include "cli/terminal/rows.h"

namespace portalkey {
namespace {

/// Each remedy once, with the rows it is for.
std::string what_to_do(const std::vector<TokenOutcome>& outcomes) {
  constexpr std::size_t kShown = 10;
  std::vector<std::pair<std::string, std::vector<const TokenOutcome*>>> remedies;
  for (const auto& outcome : outcomes) {
    if (outcome.good() || outcome.remedy.empty()) continue;
    auto known = std::ranges::find(remedies, outcome.remedy, [](const auto& entry) { return entry.first; });
    if (known == remedies.end()) known = remedies.insert(known, {outcome.remedy, {}});
    known->second.push_back(&outcome);
  }
  std::string text = remedies.empty() ? "" : "\nWhat to do:\n";
  for (const auto& [remedy, rows] : remedies) {
    std::string places;
    for (std::size_t i = 0; i < std::min(rows.size(), kShown); ++i) {
      places += i == 0 ? "" : ", ";
      places += rows[i]->line != 0 ? fmt::format("line {}", rows[i]->line) : rows[i]->serial;
    }
    if (rows.size() > kShown) places += fmt::format(" and {} more", rows.size() - kShown);
    text += fmt::format("  {}: {}\n", places, remedy);
  }
  return text;
}

/// What went wrong, and in a small run also what is told of what went well.
bool to_look_at(const TokenOutcome& outcome, std::size_t tokens) {
  constexpr std::size_t kSmall = 20;
  return !outcome.good() || (tokens <= kSmall && !outcome.reason.empty());
}

/// Every token, with the columns of a report.
Rows rows_of(const std::vector<TokenOutcome>& outcomes) {
  Rows rows({"line", "serial number", "upn", "state", "time", "reason", "what to do"});
  for (const auto& outcome : outcomes) {
    rows.add({outcome.line == 0 ? Cell::nothing() : Cell::number(outcome.line), outcome.serial, outcome.upn,
              name_of(outcome.state), outcome.settled == WallTime{} ? std::string() : iso_time(outcome.settled), outcome.reason,
              outcome.remedy});
  }
  return rows;
}

std::string table_of(const std::vector<TokenOutcome>& outcomes, const OutcomeOutput& output) {
  Table table({"LINE", "SERIAL NUMBER", "UPN", "STATE", "REASON"});
  std::size_t left_out = 0;
  for (const auto& outcome : outcomes) {
    if (!output.all && !to_look_at(outcome, outcomes.size())) {
      ++left_out;
      continue;
    }
    table.add({outcome.line != 0 ? std::to_string(outcome.line) : "-", outcome.serial, outcome.upn,
               std::string(name_of(outcome.state)), outcome.reason});
  }
  std::string text = left_out < outcomes.size() ? table.text() : std::string();
  text += what_to_do(outcomes);
  if (left_out > 0 && !output.of.job.empty()) {
    text += pasteable(fmt::format("\nEvery token: portalkey jobs show {}\n", output.of.job));
  } else if (left_out > 0 && left_out < outcomes.size()) {
    text += fmt::format("\n{} not listed: --all lists {}.\n",
                        left_out == 1 ? "1 more token is" : fmt::format("{} more tokens are", left_out),
                        left_out == 1 ? "it" : "them");
  }
  return text.empty() ? text : text + "\n";
}

std::string summary_of(const std::vector<TokenOutcome>& outcomes) {
  std::map<TokenOutcome::State, std::size_t> counts;
  for (const auto& outcome : outcomes) ++counts[outcome.state];
  std::string text = counted(outcomes.size(), "token") + ":";
  bool first = true;
  for (const auto& [state, count] : counts) {
    text += fmt::format("{} {} {}", first ? "" : ",", count, name_of(state));
    first = false;
  }
  return text + "\n";
}

}  // namespace

ExitCode print_outcomes(std::vector<TokenOutcome> outcomes, const OutcomeOutput& output) {
  if (output.format == OutputFormat::json) {
    print_json(json_of(outcomes, output.of, pasteable));
  } else {
    for (auto& outcome : outcomes) {
      outcome.reason = pasteable(outcome.reason);
      outcome.remedy = pasteable(outcome.remedy);
    }
    const bool table = output.format == OutputFormat::table;
    print(table ? table_of(outcomes, output) + summary_of(outcomes) : rows_of(outcomes).text(output.format));
  }
  const auto good = static_cast<std::size_t>(std::ranges::count_if(outcomes, &TokenOutcome::good));
  if (good == outcomes.size()) return ExitCode::done;
  return good == 0 ? ExitCode::failed : ExitCode::partly_done;
}

}  // namespace portalkey
