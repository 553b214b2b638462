// Any bytes as an assignment list, which the first byte lets do without users: how the bytes arrive changes nothing, each entry
// is found by its serial number, and a join hands every token on or says why not.

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "checked_reading.h"
#include "seeds/assignment/assigned_tokens.h"

using namespace portalkey;

namespace {

using Row = std::tuple<std::int64_t, std::string, std::string, std::string, std::int64_t>;

std::vector<Row> rows(AssignmentList& list) {
  std::vector<Row> out;
  for (const auto& e : list.entries()) out.emplace_back(e.line, e.serial, e.upn, e.replaces, e.other_line);
  return out;
}

/// One token for each third entry, and one that is in no list.
void join(AssignmentList& list) {
  std::vector<TokenSeed> tokens;
  for (std::size_t i = 0; i < list.entries().size(); i += 3) {
    tokens.emplace_back().line = static_cast<std::int64_t>(tokens.size());
    tokens.back().serial = list.in_order() ? std::to_string(i) : list.entries()[i].serial;
  }
  tokens.emplace_back().line = static_cast<std::int64_t>(tokens.size());
  tokens.back().serial = "in no list";
  std::vector<std::int64_t> places;
  for (const auto& token : tokens) places.push_back(token.place());
  const auto count = static_cast<std::int64_t>(tokens.size());

  struct Count final : SeedSink {
    void on_token(TokenSeed&&) override { ++handed_on; }
    void on_problem(RowProblem&& problem) override { require(!problem.what.empty()); }
    std::int64_t handed_on = 0;
  } sink;
  AssignedTokens assigned(list, places, sink);
  for (auto& token : tokens) assigned.on_token(std::move(token));
  SeedFileSummary summary;
  summary.tokens = summary.rows = count;
  assigned.finish(summary);
  require(summary.tokens == sink.handed_on);
  require(summary.problems >= count - sink.handed_on);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto users = data[0] % 2 == 0 ? AssignmentList::Users::needed : AssignmentList::Users::optional;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto read = [&](std::size_t at_once) {
    MemorySource source(text, at_once);
    return AssignmentList::read(source, "list.csv", users);
  };
  auto list = read(std::string_view::npos);
  auto again = read(1 + size % 13);
  require(list.has_value() == again.has_value());
  if (!list) {
    require(!list.error().what.empty() && !list.error().remedy.empty());
    return 0;
  }
  require(rows(*list) == rows(*again) && list->problems().size() == again->problems().size());
  if (!list->in_order()) {
    for (const auto& entry : list->entries()) {
      const auto found = list->find(entry.serial);
      require(found && (*list)[*found].serial == entry.serial && list->find_alike(entry.serial));
    }
  }
  if (users == AssignmentList::Users::needed) join(*list);
  return 0;
}
