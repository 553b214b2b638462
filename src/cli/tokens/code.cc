#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "app/json/code_json.h"
#include "app/operations/token_code.h"
#include "base/time_text.h"
#include "cli/terminal/json_output.h"
#include "cli/terminal/references.h"
#include "cli/terminal/shell_word.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"
#include "seeds/input/date_text.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

struct CodeCommand {
  CodeOptions of;
  std::string at, code, next, earlier, made;
  int window = 0;
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

std::string day_of(WallTime time) { return iso_time(time).substr(0, 10); }

std::string drift_text(const SeenDrift& drift) {
  const auto& rate = drift.rate;
  const bool clear = std::abs(rate.seconds_per_day) > rate.doubt;
  std::string out =
      clear ? fmt::format("  It {} by {:.2f} s a day (give or take {:.2f}), by {}.\n",
                          rate.seconds_per_day > 0 ? "gains" : "loses", std::abs(rate.seconds_per_day), rate.doubt, drift.by)
            : fmt::format("  No drift can be seen since then: at most {:.2f} s a day, by {}.\n", rate.most(), drift.by);
  const std::string_view not_before = clear ? "" : "not before ";
  out += drift.unused_until
             ? fmt::format(
                   "  At that rate it is out of Entra's reach {}{} if it learns the clock now and the token is not used.\n",
                   clear ? "on " : not_before, day_of(*drift.unused_until))
             : std::string("  At that rate Entra does not lose it, even if it is not used.\n");
  if (drift.activated_until)
    out +=
        fmt::format("  Its own codes can activate it until {}{}.\n", clear ? "" : "at least ", day_of(*drift.activated_until));
  return out;
}

/// Of a time-based token whose clock is told.
std::string clock_text(const CheckedCode& checked) {
  const auto steps = std::abs(checked.steps());
  std::string out = checked.steps() == 0
                        ? "The code fits the current step: the token's clock is right, as far as this machine's is.\n"
                        : fmt::format("The code fits: the token's clock is {} step{} ({} s) {} this machine's.\n", steps,
                                      steps == 1 ? "" : "s", steps * checked.step, checked.steps() > 0 ? "ahead of" : "behind");
  if (checked.steps() < 0) out += "  Somebody who reads and types takes time: a step behind may be no more than that.\n";
  const auto tolerated = kStepsEntraTolerates * checked.step;
  if (checked.good()) {
    out += fmt::format("  Entra is documented to tolerate {} s: it should take this token's codes.\n", tolerated);
  } else {
    out += fmt::format(
        "  Entra is documented to tolerate only {} s from what it has learnt of a device's clock: if the token was activated "
        "with "
        "a computed code, which proves nothing about that clock, sign-in will probably fail.\n",
        tolerated);
    const auto reach = about(kStepsOfActivation * std::chrono::seconds(checked.step));
    out += checked.can_be_activated()
               ? fmt::format(
                     "  An activation with its own code teaches Entra a clock that is up to {} off: portalkey tokens activate "
                     "FILE --serial {} --code CODE --next CODE\n",
                     reach, shell_word(checked.serial))
               : fmt::format(
                     "  It cannot be activated with its own codes either: Entra follows a clock that is up to {} off. Replace "
                     "the device, or have its clock set if it can be.\n",
                     reach);
  }
  if (!checked.two_codes && checked.by_chance() > 0.001 && !checked.good()) {
    out += fmt::format(
        "  A wrong code would fit somewhere by chance in {:.1f} % of cases: check with the next one too (--next).\n",
        checked.by_chance() * 100);
  }
  return out + (checked.drift ? drift_text(*checked.drift)
                              : "  How fast it drifts is not known: that takes what was seen a day or more before (--earlier "
                                "DATE=SECONDS), or when it was made (--made DATE).\n");
}

std::string text_of(const CheckedCode& checked) {
  std::string out;
  if (checked.why) {
    out =
        in_commands(fmt::format("The clock is not told: {}{}.\n  {}\n", checked.why->what, checked.whose, checked.why->remedy));
  } else if (checked.timed()) {
    out = clock_text(checked);
  } else if (!checked.fits()) {
    out = fmt::format("The code is none of the next {} of this token.\n", checked.window + 1);
  } else {
    out = fmt::format("The code fits: the device is {} presses further on than the file says.\n", checked.steps());
    if (checked.found.steps.size() > 1)
      out += fmt::format("  It also fits {} other presses: check a second code.\n", checked.found.steps.size() - 1);
  }
  return out + entra_text(checked.entra);
}

/// `2026-01-31=-45`
std::optional<DeviceClock> sighting_of(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return std::nullopt;
  const auto day = text.substr(0, equals);
  const auto when = parse_iso_time(day.contains('T') ? day : day + "T00:00:00Z");
  auto number = std::string_view(text).substr(equals + 1);
  if (number.starts_with('+')) number.remove_prefix(1);
  int seconds = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), seconds);
  if (!when || error != std::errc() || end != number.data() + number.size()) return std::nullopt;
  return DeviceClock{std::chrono::seconds(seconds), *when};
}

Result<CheckOptions> check_options_of(const CodeCommand& command) {
  auto of = options_of(command);
  if (!of) return pass(of);
  CheckOptions options{std::move(*of), {command.code, command.next}, command.window, std::nullopt, {}};
  if (!command.earlier.empty()) {
    options.earlier = sighting_of(command.earlier);
    if (!options.earlier)
      return fail(Errc::invalid_input, "--earlier takes a day and how many seconds ahead the clock was then: 2026-01-31=-45");
  }
  options.made = date_of_text(command.made);
  if (options.made.empty() && !command.made.empty())
    return fail(Errc::invalid_input, "--made takes a day or a month: 2024-03-31, 2024-03");
  return options;
}

Result<ExitCode> show_check(const CodeCommand& command, OutputFormat format) {
  const auto options = check_options_of(command);
  if (!options) return std::unexpected(options.error());
  SeedRemarks remarks;
  const auto checked = check_code(*options, SystemClock(), remarks);
  tell(remarks);
  if (!checked) return std::unexpected(checked.error());
  format == OutputFormat::json ? print_json(json_of(*checked, in_commands)) : print(text_of(*checked));
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
  command.option("--next", options->next, "The code that it shows after that one: both tell what one may leave open")
      .type_name("CODE");
  command.option("--window", options->window, "How many steps to look each way (default: two days; 20 presses of HOTP)")
      .within(1, 20160)
      .type_name("N");
  command.option("--earlier", options->earlier, "How many seconds ahead (-: behind) it was seen to be before: 2026-01-31=-45")
      .type_name("DATE=SECONDS");
  command.option("--made", options->made, "When the device was made, if the file does not say: 2024-03-31, 2024-03")
      .type_name("DATE");
  command.footer(
      "Exit codes: 0 it fits, 3 it fits but Entra will probably refuse it, or several moments, 1 it does not fit.\n"
      "Example: portalkey tokens check seeds.csv --serial 1000001 --code 123456 --next 654321");
}

}  // namespace portalkey
