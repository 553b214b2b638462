#include <fmt/format.h>

#include "app/json/code_json.h"
#include "app/operations/token_code.h"
#include "base/time_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

struct CodeCommand {
  CodeOptions of;
  std::string at, code;
  int window = 20;
};

/// As far as they are known, even where the work failed.
void tell(const SeedRemarks& remarks) {
  for (const auto& warning : remarks.warnings) warn(warning);
  for (const auto& note : remarks.notes) say(harmless(fmt::format("note: {}\n", in_commands(note))));
}

Result<CodeOptions> options_of(const CodeCommand& command) {
  CodeOptions options = command.of;
  if (command.at.empty()) return options;
  options.at = parse_iso_time(command.at);
  if (!options.at) return fail(Errc::invalid_input, "--at takes a time such as 2026-01-01T00:00:00Z");
  return options;
}

/// Where Entra would not take the token, per backend.
std::string entra_text(const EntraRefusals& why) {
  if (why.portal.empty() && why.graph.empty()) return {};
  return in_commands(fmt::format("  The portal's import {}.\n  Microsoft Graph {}.\n",
                                 why.portal.empty() ? "takes this token" : "does not take this token: " + why.portal,
                                 why.graph.empty() ? "takes it" : "does not take it: " + why.graph));
}

std::string text_of(const TokenCode& code, bool by_this_clock) {
  return code.code.reveal([&](std::string_view digits) {
    if (code.counter) {
      return fmt::format("{}\n  for press {} by the file; the device may be further on\n{}", digits, *code.counter,
                         entra_text(code.entra));
    }
    return fmt::format("{}\n  for {} s more, by {}\n{}", digits, code.good_for->count(),
                       by_this_clock ? "this machine's clock" : "the time given", entra_text(code.entra));
  });
}

Result<ExitCode> show_code(const CodeCommand& command, OutputFormat format) {
  const auto options = options_of(command);
  if (!options) return std::unexpected(options.error());
  SeedRemarks remarks;
  const auto code = compute_code(*options, SystemClock(), remarks);
  tell(remarks);
  if (!code) return std::unexpected(code.error());
  std::string out = format == OutputFormat::json ? json_of(*code) : text_of(*code, command.at.empty());
  format == OutputFormat::json ? print_json(out) : print(out);
  wipe(out);
  return ExitCode::done;
}

std::string text_of(const CheckedCode& checked) {
  std::string out;
  if (!checked.fits() && checked.timed()) {
    out = fmt::format(
        "The code does not fit within {} steps ({}) of this machine's clock.\n"
        "  The device shows another token's code, the secret key is wrong, the code was mistyped or is older, or the clock "
        "is further off "
        "(--window N).\n",
        checked.window, about(std::chrono::seconds(std::int64_t{checked.window} * checked.step)));
  } else if (!checked.fits()) {
    out = fmt::format("The code is none of the next {} of this token.\n", checked.window + 1);
  } else if (!checked.timed()) {
    out = fmt::format("The code fits: the device is {} presses further on than the file says.\n", checked.steps.front());
  } else if (checked.steps.front() == 0) {
    out = "The code fits the current step: the token's clock is right, as far as this machine's is.\n";
  } else {
    const auto steps = std::abs(checked.steps.front());
    out = fmt::format("The code fits: the token's clock is {} step{} ({} s) {} this machine's.\n", steps, steps == 1 ? "" : "s",
                      steps * checked.step, checked.steps.front() > 0 ? "ahead of" : "behind");
    if (checked.steps.front() < 0)
      out += "  Somebody who reads and types takes time: a step behind may be no more than that.\n";
  }
  if (checked.fits() && checked.timed()) {
    out += checked.good()
               ? fmt::format("  Entra is documented to tolerate {} s: it should take this token's codes.\n",
                             kStepsEntraTolerates * checked.step)
               : fmt::format(
                     "  Entra is documented to tolerate only {} s: sign-in will probably fail, even if the token was "
                     "activated with a "
                     "computed code, which proves nothing about the device's clock.\n  Replace the device, or have its "
                     "clock set if it can be.\n",
                     kStepsEntraTolerates * checked.step);
  }
  if (checked.steps.size() > 1)
    out += fmt::format("  It also fits {} other steps of the window: check a second code.\n", checked.steps.size() - 1);
  if (checked.steps.size() <= 1 && checked.fits() && checked.by_chance() > 0.001)
    out += fmt::format("  With so wide a window a wrong code fits by chance in {:.1f} % of cases: check a second one.\n",
                       checked.by_chance() * 100);
  return out + entra_text(checked.entra);
}

Result<ExitCode> show_check(const CodeCommand& command, OutputFormat format) {
  const auto options = options_of(command);
  if (!options) return std::unexpected(options.error());
  SeedRemarks remarks;
  const auto checked = check_code(*options, command.code, command.window, SystemClock(), remarks);
  tell(remarks);
  if (!checked) return std::unexpected(checked.error());
  format == OutputFormat::json ? print_json(json_of(*checked)) : print(text_of(*checked));
  return checked->good() ? ExitCode::done : checked->fits() ? ExitCode::partly_done : ExitCode::failed;
}

Command add_command(Command tokens, Run& run, const char* name, const char* what, const std::shared_ptr<CodeCommand>& options,
                    Result<ExitCode> (*work)(const CodeCommand&, OutputFormat)) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand(name, what);
  add_seed_file_options(command, options->of.seeds);
  command.option("--serial", options->of.serial, "The token's serial number").required().type_name("SERIAL");
  command.option("--at", options->at, "Another time than now: 2026-01-01T00:00:00Z").type_name("TIME");
  add_output_option(command, format, false);
  command.callback([options, format, work, &run] {
    run = [options, format, work] {
      auto done = work(*options, *format);
      return static_cast<int>(done ? *done : report_error(done.error(), *format));
    };
  });
  return command;
}

}  // namespace

void add_tokens_code(Command tokens, Run& run) {
  const auto command = add_command(tokens, run, "code", "The code a token should show now, from its seed file",
                                   std::make_shared<CodeCommand>(), show_code);
  command.footer("Example: portalkey tokens code seeds.csv --serial 1000001");
}

void add_tokens_check(Command tokens, Run& run) {
  auto options = std::make_shared<CodeCommand>();
  const auto command =
      add_command(tokens, run, "check", "How far a token's clock is off, by a code read from it", options, show_check);
  command.option("--code", options->code, "The code that the device shows now").required().type_name("CODE");
  command.option("--window", options->window, "How many steps to look each way (default 20)").within(0, 20160).type_name("N");
  command.footer(
      "Exit codes: 0 it fits, 3 it fits but Entra will probably refuse it, 1 it does not fit.\n"
      "Example: portalkey tokens check seeds.csv --serial 1000001 --code 123456");
}

}  // namespace portalkey
