#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>
#include <vector>

#include "cli/seed_problems.h"
#include "cli/seed_rows.h"
#include "cli/tokens_command.h"
#include "oath/write/token_json.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct ValidateOptions {
  SeedInput seeds;
  bool reveal_secrets = false;
  bool all = false;
  OutputFormat format = OutputFormat::table;
};

json::object describe(const RowProblem& problem) {
  json::object out{{"line", problem.line},   {"serial", problem.serial}, {"upn", problem.upn},
                   {"field", problem.field}, {"what", problem.what},     {"remedy", problem.remedy}};
  if (problem.row != 0) out["row"] = problem.row;
  if (problem.column != 0) out["column"] = problem.column;
  const auto add = [&](std::string_view name, const std::string& text) {
    if (!text.empty()) out[name] = text;
  };
  add("file", problem.file);
  add("value", problem.value);
  add("expected", problem.expected);
  add("cause", problem.cause);
  return out;
}

ExitCode verdict(const SeedFileSummary& summary) {
  if (summary.problems == 0) return ExitCode::done;
  return summary.tokens == 0 ? ExitCode::failed : ExitCode::partly_done;
}

Result<ExitCode> validate_as_json(const ValidateOptions& options) {
  auto rows = read_seed_rows(options.seeds);
  if (!rows) return pass(rows);
  std::string out = fmt::format("{{\"format\":{},\"tokens\":[", json::serialize(json::string(rows->summary.format)));
  bool first = true;
  for (const auto& token : rows->tokens) {
    out += (first ? "\n" : ",\n") + json::serialize(token_json(token, options.reveal_secrets));
    first = false;
    if (out.size() > 1 << 16) {
      print(out);
      wipe(out);
    }
  }
  json::array errors, warnings;
  for (const auto& problem : rows->problems) (problem.warning ? warnings : errors).push_back(describe(problem));
  json::array notes;
  for (const auto& note : rows->summary.notes) notes.emplace_back(note);
  out += fmt::format("],\n\"errors\":{},\"warnings\":{},\"notes\":{}}}\n", json::serialize(errors), json::serialize(warnings),
                     json::serialize(notes));
  print(out);
  wipe(out);
  return verdict(rows->summary);
}

/// Counts, and prints problems as they are met, so that memory does not grow with the file.
class CountAndPrint final : public SeedSink {
 public:
  explicit CountAndPrint(bool all) : problems_(all) {}
  void on_token(TokenSeed&& token) override {
    const bool usual = token.type == OtpType::totp && token.hash == Hash::sha1 && token.digits == 6 && !token.serial.empty() &&
                       (token.step == 30 || token.step == 60) && !token.base32.empty() && token.base32.size() <= 128;
    if (usual) return;  // what why_not_portal() says as well, faster
    if (why_not_portal(token).empty()) return;
    odd_.push_back({token.place(), token.type, !why_not_graph(token).empty()});
  }
  bool wants_plain_tokens() const override { return false; }
  void on_problem(RowProblem&& problem) override {
    if (problem.warning) ++warnings_;
    problems_.print(problem);
  }

  std::string summary(const SeedFileSummary& summary) {
    problems_.finish();
    std::int64_t not_portal = 0, not_graph = 0;
    std::map<std::string_view, std::int64_t> kinds;
    for (const auto& odd : odd_) {
      if (std::ranges::binary_search(summary.withdrawn, odd.place)) continue;
      ++not_portal;
      if (odd.not_graph) ++not_graph;
      ++kinds[odd.type == OtpType::totp      ? "TOTP that the portal does not take"
              : odd.type == OtpType::hotp    ? "HOTP"
              : odd.type == OtpType::ocra    ? "OCRA"
              : odd.type == OtpType::pin     ? "PIN"
              : odd.type == OtpType::steam   ? "Steam"
              : odd.type == OtpType::unknown ? "of no known type"
                                             : "of other types"];
    }
    std::string out = fmt::format("{} rows: {} tokens can be imported, {} problems\n", summary.rows,
                                  summary.tokens - not_portal, summary.problems);
    if (warnings_ != 0) out += fmt::format("{} warnings\n", warnings_);
    if (not_portal == 0) return out;
    out += fmt::format("Microsoft Graph would take {}. Left out of an import:", summary.tokens - not_graph);
    const char* between = " ";
    for (const auto& [kind, count] : kinds) out += fmt::format("{}{} {}", std::exchange(between, ", "), count, kind);
    return out + "\n";
  }

 private:
  struct Odd {
    std::int64_t place;
    OtpType type;
    bool not_graph;
  };
  std::vector<Odd> odd_;
  std::int64_t warnings_ = 0;
  ProblemPrinter problems_;
};

Result<ExitCode> validate_as_text(const ValidateOptions& options) {
  CountAndPrint sink(options.all);
  auto summary = read_seeds_of(options.seeds, sink);
  if (!summary) return pass(summary);
  const std::string counts = sink.summary(*summary);
  std::string out = fmt::format("{}: {}\n", options.seeds.file == "-" ? "standard input" : options.seeds.file, summary->format);
  for (const auto& note : summary->notes) out += fmt::format("  {}\n", note);
  print(harmless(out + counts));
  return verdict(*summary);
}

}  // namespace

void add_tokens_validate(CLI::App& tokens, Run& run) {
  auto options = std::make_shared<ValidateOptions>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("validate", "Check a seed file, row by row; sends nothing");
  add_seed_file_options(*command, options->seeds);
  command->add_flag("--all", options->all, "Print every problem, not only the first few of a kind");
  command->add_flag("--reveal-secrets", options->reveal_secrets, "With -o json: show the secret keys (secretBase32)");
  add_output_option(*command, format, false);
  command->callback([options, format, &run] {
    if (options->reveal_secrets && *format != OutputFormat::json)
      throw CLI::ValidationError("--reveal-secrets", "needs -o json");
    run = [options, format] {
      auto done = *format == OutputFormat::json ? validate_as_json(*options) : validate_as_text(*options);
      return static_cast<int>(done ? *done : report_error(done.error(), *format));
    };
  });
}

}  // namespace portalkey
