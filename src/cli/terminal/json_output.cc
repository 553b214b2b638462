#include "cli/terminal/json_output.h"

#include <fmt/format.h>

#include <vector>

#include "base/indented_json.h"
#include "base/run_program.h"
#include "base/visible_text.h"
#include "cli/terminal/interrupt.h"
#include "cli/terminal/output.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostOutput = std::size_t{256} << 20;

std::string expression;  // of --jq
bool wanted = false;
bool went_wrong = false;
std::vector<std::shared_ptr<OutputFormat>> formats;  // of every command

Result<ProgramRun> run_jq(std::string_view document) {
  // As gh prints what its --jq makes: texts without their quotation marks. What begins with a blank is no option.
  const std::vector<std::string> command{"jq", stdout_is_terminal() ? "-r" : "-rc", " " + expression};
  return run_filter(command, Secret(document), {.time = std::chrono::minutes(10), .output_bytes = kMostOutput},
                    stop_on_interrupt());
}

/// jq's own words, without its name and the file's.
std::string complaint(const ProgramRun& run) {
  std::string text = harmless(run.complaints.substr(0, 500));
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? fmt::format("it ended with exit code {}", run.exit_code) : text;
}

void print_as_wanted(std::string_view document) {
  if (wanted) {
    auto run = run_jq(document);
    if (!run) {
      report_error(run.error(), OutputFormat::table);
      went_wrong = true;
      return;
    }
    run->output.reveal([](std::string_view text) {
      print(stdout_is_terminal() ? visible_text(text, ' ', LineEnds::kept) : std::string(text));
    });
    if (run->exit_code != 0) {
      say(fmt::format("error: jq: {}\n  what to do: correct --jq; what the command does was done\n", complaint(*run)));
      went_wrong = true;
    }
    return;
  }
  const auto indented = stdout_is_terminal() ? indented_json(document) : std::nullopt;
  print((indented ? *indented : std::string(document)) + "\n");
}

}  // namespace

void add_jq_option(Command program) {
  program
      .option(
          "--jq",
          [](const std::string& text) {
            expression = text;
            wanted = true;
            for (const auto& one : formats) *one = OutputFormat::json;
          },
          "Print what the jq EXPRESSION makes of the result's JSON, texts without quotation marks; needs jq")
      .type_name("EXPRESSION");
}

void gives_json(const std::shared_ptr<OutputFormat>& format) { formats.push_back(format); }

bool jq_wanted() { return wanted; }

Result<void> check_jq() {
  auto run = run_jq("");  // without a document it only reads its program
  if (!run && run.error().code == Errc::not_found)
    return fail(Errc::not_found, "--jq needs jq, and it is not installed", "Install it: apt install jq");
  if (!run) return pass(run);
  if (run->exit_code != 0)
    return fail(Errc::invalid_input, "jq does not understand the expression: " + complaint(*run),
                "Correct --jq; nothing was done.");
  return {};
}

void JsonOutput::add(std::string_view piece) {
  if (wanted || stdout_is_terminal()) {
    held_ += piece;
  } else {
    print(piece);
  }
}

void JsonOutput::end() {
  if (wanted || stdout_is_terminal()) {
    print_as_wanted(held_);
    held_.clear();
  } else {
    print("\n");
  }
}

void print_json(std::string_view document) { print_as_wanted(document); }

int after_jq(int code) { return went_wrong && code == 0 ? static_cast<int>(ExitCode::failed) : code; }

}  // namespace portalkey
