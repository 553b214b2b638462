#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/json.hpp>

#include "cli/seed_rows.h"
#include "cli/tokens_command.h"
#include "oath/base32.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct ValidateOptions {
  std::string file;
  SeedFileOptions seeds;
  bool reveal_secrets = false;
  OutputFormat format = OutputFormat::table;
};

/// Text, or null where the file has none.
json::value text_or_null(std::string_view text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::object describe(const TokenSeed& token, bool reveal_secrets) {
  json::object out{{"line", token.line},
                   {"upn", token.upn},
                   {"serial", text_or_null(token.serial)},
                   {"type", text_or_null(name_of(token.type))},
                   {"hash", text_or_null(token.hash ? name_of(*token.hash) : "")},
                   {"digits", token.digits ? json::value(*token.digits) : json::value(nullptr)},
                   {"step", token.step ? json::value(*token.step) : json::value(nullptr)},
                   {"manufacturer", token.manufacturer},
                   {"model", token.model},
                   {"entra", {{"portal", why_not_portal(token).empty()}, {"graph", why_not_graph(token).empty()}}}};
  if (reveal_secrets && token.base32.empty()) {
    out["secretBase32"] = nullptr;
  } else if (reveal_secrets) {  // as the bytes encode, so that files of different spelling compare equal
    token.key().reveal([&](std::string_view bytes) {
      encode_base32(bytes).reveal([&](std::string_view text) { out["secretBase32"] = text; });
    });
  }
  return out;
}

json::object describe(const RowProblem& problem) {
  return {{"line", problem.line},   {"serial", problem.serial}, {"upn", problem.upn},
          {"field", problem.field}, {"what", problem.what},     {"remedy", problem.remedy}};
}

ExitCode verdict(const SeedFileSummary& summary) {
  if (summary.problems == 0) return ExitCode::done;
  return summary.tokens == 0 ? ExitCode::failed : ExitCode::partly_done;
}

Result<ExitCode> validate_as_json(const ValidateOptions& options) {
  auto rows = read_seed_rows(options.file, options.seeds);
  if (!rows) return pass(rows);
  std::string out = fmt::format("{{\"format\":{},\"tokens\":[", json::serialize(json::string(rows->summary.format)));
  bool first = true;
  for (const auto& token : rows->tokens) {
    out += (first ? "\n" : ",\n") + json::serialize(describe(token, options.reveal_secrets));
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

/// Prints problems as they are met, so that memory does not grow with the file.
struct PrintProblems final : SeedSink {
  void on_token(TokenSeed&& token) override {
    if (!why_not_portal(token).empty()) ++not_for_portal;
  }
  bool wants_plain_tokens() const override { return false; }
  void on_problem(RowProblem&& problem) override {
    std::string line = fmt::format("line {}: {}{}{}: {}\n", problem.line, problem.warning ? "warning: " : "", problem.field,
                                   problem.serial.empty() ? "" : " of " + problem.serial, problem.what);
    if (!problem.remedy.empty()) line += fmt::format("  what to do: {}\n", problem.remedy);
    for (char& c : line) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') c = '?';
    }
    print(line);
  }
  std::int64_t not_for_portal = 0;
};

Result<ExitCode> validate_as_text(const ValidateOptions& options) {
  PrintProblems sink;
  auto summary = read_seed_file(options.file, options.seeds, sink);
  if (!summary) return pass(summary);
  std::string out = fmt::format("{}: {}\n", options.file == "-" ? "standard input" : options.file, summary->format);
  for (const auto& note : summary->notes) out += fmt::format("  {}\n", note);
  out += fmt::format("{} rows: {} tokens can be imported, {} problems\n", summary->rows, summary->tokens - sink.not_for_portal,
                     summary->problems);
  print(out);
  return verdict(*summary);
}

}  // namespace

void add_tokens_validate(CLI::App& tokens, Run& run) {
  auto options = std::make_shared<ValidateOptions>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("validate", "Check a seed file, row by row; sends nothing");
  add_seed_file_options(*command, options->file, options->seeds);
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
