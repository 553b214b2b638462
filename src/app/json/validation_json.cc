#include "app/json/validation_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <limits>
#include <utility>

#include "base/json_text.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostHeld = std::size_t{64} << 20;
constexpr std::size_t kWrittenAtOnce = 64 * 1024;

json::object describe(const RowProblem& problem, const Words& words) {
  json::object out{{"line", problem.line},   {"serial", problem.serial},    {"upn", problem.upn},
                   {"field", problem.field}, {"what", words(problem.what)}, {"remedy", words(problem.remedy)}};
  if (problem.row != 0) out["row"] = problem.row;
  if (problem.column != 0) out["column"] = problem.column;
  if (!problem.file.empty()) out["file"] = problem.file;
  if (!problem.value.empty()) out["value"] = problem.value;
  if (!problem.expected.empty()) out["expected"] = words(problem.expected);
  if (!problem.cause.empty()) out["cause"] = words(problem.cause);
  return out;
}

void write_problems(const std::vector<RowProblem>& problems, bool warnings, const Words& words, const WriteText& write) {
  std::string out = "[";
  const char* between = "";
  for (const auto& problem : problems) {
    if (problem.warning != warnings) continue;
    out += std::exchange(between, ",") + json_text(describe(problem, words));
    if (out.size() < kWrittenAtOnce) continue;
    write(out);
    out.clear();
  }
  write(out + "]");
}

json::object describe(const TenantFindings& findings, const Words& words) {
  json::array checked, not_checked;
  for (const auto& what : findings.checked) checked.emplace_back(what);
  for (const auto& gap : findings.not_checked)
    not_checked.push_back({{"what", gap.what}, {"why", gap.why}, {"remedy", words(gap.remedy)}});
  return {{"tokens", findings.tokens_in_tenant},
          {"premiumLicence", findings.premium ? json::value(*findings.premium) : json::value(nullptr)},
          {"checked", std::move(checked)},
          {"notChecked", std::move(not_checked)}};
}

/// `findings`: null if the tenant was not asked.
Result<void> write_tokens(const OpenedSeeds& seeds, const SeedFileSummary& summary, JsonTokens& tokens,
                          const TenantFindings* findings, const WriteText& write) {
  JsonArray array(findings, write);
  if (!tokens.holds_all()) {
    JsonTokensAgain again(tokens, summary.withdrawn, array);
    if (auto read = seeds.read_again(again); !read) return pass(read);
  }
  tokens.write_before(std::numeric_limits<std::int64_t>::max(), summary.withdrawn, array);
  return {};
}

}  // namespace

Result<ValidatedSeeds> validate_as_json(const SeedValidation& wanted, const ValidationJson& shown, Tenant* tenant,
                                        const Words& words, const WriteText& write) {
  const auto seeds = OpenedSeeds::open(wanted.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  JsonTokens tokens(shown.reveal_secrets, seeds->can_be_read_again() ? kMostHeld : SIZE_MAX, words);
  auto found = validate_seeds(*seeds, wanted, tenant, tokens);
  if (!found) return found;
  const auto* findings = found->findings ? &*found->findings : nullptr;
  write(fmt::format("{{\"format\":{},\"tokens\":[", json_text(json::string(found->summary.format))));
  if (auto written = write_tokens(*seeds, found->summary, tokens, findings, write); !written) return pass(written);
  std::ranges::stable_sort(tokens.problems, {}, &RowProblem::line);
  write("],\n\"errors\":");
  write_problems(tokens.problems, false, words, write);
  write(",\"warnings\":");
  write_problems(tokens.problems, true, words, write);
  json::array notes;
  for (const auto& note : found->summary.notes) notes.emplace_back(words(note));
  std::string out = fmt::format(",\"notes\":{}", json_text(notes));
  if (findings != nullptr) out += fmt::format(",\n\"tenant\":{}", json_text(describe(*findings, words)));
  write(out + "}");
  return found;
}

}  // namespace portalkey
