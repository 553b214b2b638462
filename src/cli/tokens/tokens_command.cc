#include "cli/tokens/tokens_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <map>

#include "base/json_text.h"
#include "cli/terminal/pasteable.h"
#include "jobs/report/outcomes_json.h"

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

}  // namespace

ExitCode print_outcomes(std::vector<TokenOutcome> outcomes, const OutcomeOutput& output) {
  for (auto& outcome : outcomes) {
    outcome.reason = pasteable(outcome.reason);
    outcome.remedy = pasteable(outcome.remedy);
  }
  std::map<TokenOutcome::State, std::size_t> counts;
  for (const auto& outcome : outcomes) ++counts[outcome.state];
  const auto good = static_cast<std::size_t>(std::ranges::count_if(outcomes, &TokenOutcome::good));

  if (output.format == OutputFormat::json) {
    boost::json::object document = outcomes_json(outcomes);
    if (!output.file.empty()) document["file"] = output.file;
    if (!output.ended.empty()) {
      document["job"] = output.job.empty() ? boost::json::value(nullptr) : boost::json::value(output.job);
      document["ended"] = output.ended;
    }
    print(json_text(document) + "\n");
  } else {
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
    if (left_out > 0 && !output.job.empty()) {
      text += pasteable(fmt::format("\nEvery token: portalkey jobs show {}\n", output.job));
    } else if (left_out > 0 && left_out < outcomes.size()) {
      text += fmt::format("\n{} more tokens are not listed: --all lists them.\n", left_out);
    }
    if (!text.empty()) text += "\n";
    text += fmt::format("{} tokens:", outcomes.size());
    bool first = true;
    for (const auto& [state, count] : counts) {
      text += fmt::format("{} {} {}", first ? "" : ",", count, name_of(state));
      first = false;
    }
    print(text + "\n");
  }
  if (good == outcomes.size()) return ExitCode::done;
  return good == 0 ? ExitCode::failed : ExitCode::partly_done;
}

void add_tokens_command(Command app, const Globals& globals, Run& run) {
  const auto tokens =
      app.subcommand("tokens", "Hardware OATH tokens: check and convert seed files, import, activate, list, remove");
  tokens.require_subcommand();
  add_tokens_validate(tokens, globals, run);
  add_tokens_convert(tokens, run);
  add_tokens_code(tokens, run);
  add_tokens_check(tokens, run);
  add_tokens_import(tokens, globals, run);
  add_tokens_activate(tokens, globals, run);
  add_tokens_assign(tokens, globals, run);
  add_tokens_unassign(tokens, globals, run);
  add_tokens_replace(tokens, globals, run);
  add_tokens_plan(tokens, globals, run);
  add_tokens_apply(tokens, globals, run);
  add_tokens_list(tokens, globals, run);
  add_tokens_report(tokens, globals, run);
  add_tokens_remove(tokens, globals, run);
}

}  // namespace portalkey
