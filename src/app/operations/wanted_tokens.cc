#include "app/operations/wanted_tokens.h"

#include <algorithm>
#include <map>

namespace portalkey {
namespace {

TokenSeed without_key(std::int64_t line, std::string_view serial, std::string_view upn) {
  TokenSeed seed;
  seed.line = line;
  seed.serial = serial;
  seed.upn = upn;
  return seed;
}

Result<WantedTokens> read_list(const SeedInput& input) {
  const auto wrong = [&](std::string what, std::string remedy) {
    return std::unexpected(Error{Errc::invalid_input, std::move(what), std::move(remedy), {{"file", input.file}}});
  };
  if (!input.assign.empty()) {
    return wrong(
        "the file holds no secret keys and is a list of tokens and people itself: [[setting|assign]] is for a seed file",
        "Leave [[setting|assign]] out, or give the vendor's seed file.");
  }
  auto list = AssignmentList::read(input.file, AssignmentList::Users::optional, input.options.columns);
  if (!list) {
    auto& context = list.error().context;
    std::erase_if(context, [](const auto& entry) { return entry.first == "list"; });
    return std::unexpected(std::move(list).error().with("file", input.file));
  }
  if (list->in_order()) return wrong("the list has no serial numbers", "Give it columns serial number and upn.");
  WantedTokens wanted;
  wanted.rows = static_cast<std::int64_t>(list->size() + list->problems().size());
  bool any_user = false;
  for (const auto& entry : list->entries()) {
    if (!entry.replaces.empty()) {
      return wrong("the list says which tokens are replaced, and a plan does not do that",
                   "Say [[replace-by-list|SEEDFILE|FILE]]; or take that column out.");
    }
    if (entry.other_line != 0) continue;  // is among the problems
    any_user = any_user || !entry.upn.empty();
    wanted.tokens.push_back(without_key(entry.line, entry.serial, entry.upn));
  }
  // Nobody's are taken from their users: a list without users must not mean all of them.
  if (!any_user && !wanted.tokens.empty()) {
    return wrong("the list does not say of any token who has it",
                 "Give it a column upn, or say which one it is: [[setting|map|upn=COLUMN]].");
  }
  wanted.problems = list->problems();
  for (auto& problem : wanted.problems) problem.file.clear();
  return wanted;
}

/// Those of whose rows nothing is wrong but that the key, and perhaps the time interval, is not there.
std::vector<TokenSeed> take_rows_without_key(std::vector<RowProblem>& problems) {
  struct Row {
    bool sound = true, no_key = false;
    const RowProblem* first = nullptr;
  };
  std::map<std::int64_t, Row> rows;
  for (const auto& problem : problems) {
    Row& row = rows[problem.line];
    const bool absent = problem.kind == RowProblem::Kind::absent;
    row.sound = row.sound && absent && !problem.serial.empty();
    row.no_key = row.no_key || (absent && problem.field == name_of(Column::secret));
    if (row.first == nullptr) row.first = &problem;
  }
  std::vector<TokenSeed> tokens;  // by their lines
  for (const auto& [line, row] : rows) {
    if (row.sound && row.no_key) tokens.push_back(without_key(line, row.first->serial, row.first->upn));
  }
  std::erase_if(problems, [&](const RowProblem& problem) {
    return std::ranges::binary_search(tokens, problem.line, {}, &TokenSeed::line);
  });
  return tokens;
}

}  // namespace

Result<WantedTokens> read_wanted_tokens(const SeedInput& input) {
  if (!input.options.format && AssignmentList::is_one(input.file, input.options.columns)) return read_list(input);
  auto rows = read_seed_rows(input);
  if (!rows) return pass(rows);
  WantedTokens wanted;
  wanted.rows = rows->summary.rows;
  wanted.tokens = std::move(rows->tokens);
  wanted.problems = std::move(rows->problems);
  std::erase_if(wanted.problems, &RowProblem::warning);
  // A list with it may say who has the token, and it is joined with tokens only.
  if (!input.assign.empty()) return wanted;
  std::ranges::move(take_rows_without_key(wanted.problems), std::back_inserter(wanted.tokens));
  std::ranges::stable_sort(wanted.tokens, {}, &TokenSeed::place);
  return wanted;
}

}  // namespace portalkey
