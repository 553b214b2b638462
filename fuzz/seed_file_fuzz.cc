// Any bytes: the reader must end, keep its counts, and hand out only tokens whose key decodes. The way the bytes arrive, the
// size of the buffer and the number of threads must not change the answer.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "oath/csv/entra_csv.h"

namespace {

using namespace portalkey;

void require(bool promise) {
  if (!promise) std::abort();
}

struct Checker final : SeedSink {
  void on_token(TokenSeed&& token) override {
    require(token.line > 0 && !token.key().empty());
    require(token.type != OtpType::totp || (!token.serial.empty() && token.step > 0));
    tokens.push_back(token.place());
  }
  void on_problem(RowProblem&& problem) override {
    require(!problem.what.empty() && (problem.line > 0 || problem.row > 0));
    problems += problem.warning ? 0 : 1;
  }
  bool operator==(const Checker& o) const { return tokens == o.tokens && problems == o.problems && ok == o.ok; }

  std::vector<std::int64_t> tokens;
  std::int64_t problems = 0;
  bool ok = false;
};

Checker read(std::string_view text, SecretEncoding encoding, const ReadingPlan& plan, std::size_t at_once) {
  Checker checker;
  MemorySource source(text, at_once);
  const auto summary = read_seeds(source, {encoding}, checker, plan);
  checker.ok = summary.has_value();
  if (!summary) {
    require(!summary.error().what.empty());
    return checker;
  }
  require(summary->problems == checker.problems);
  require(summary->tokens + static_cast<std::int64_t>(summary->withdrawn.size()) ==
          static_cast<std::int64_t>(checker.tokens.size()));
  require(std::ranges::is_sorted(summary->withdrawn));
  for (const auto line : summary->withdrawn) require(std::ranges::count(checker.tokens, line) == 1);
  return checker;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto encoding = static_cast<SecretEncoding>(data[0] % 4);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr std::size_t kBuffer = 8192;
  const auto whole = read(text, encoding, {.buffer_bytes = kBuffer, .threads = 1}, std::string_view::npos);
  require(read(text, encoding, {.buffer_bytes = kBuffer}, 1 + data[0] % 16U) == whole);
  const ReadingPlan portions{.buffer_bytes = kBuffer, .threads = 2, .portion_bytes = 16 + data[0] % 64U, .alone_up_to = 0};
  require(read(text, encoding, portions, std::string_view::npos) == whole);
  return 0;
}
