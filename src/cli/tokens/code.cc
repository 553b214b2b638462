// Help-desk checks: the code a token should show now, and what a code says about the token's clock.

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "base/time_text.h"
#include "cli/tokens/seed_rows.h"
#include "cli/tokens/tokens_command.h"
#include "otp/totp.h"
#include "seeds/input/key_fields.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct CodeOptions {
  SeedInput seeds;
  std::string serial, code, at;
  int window = 20;
};

/// Keeps the tokens with one serial number; a device may hold several keys.
struct FindSerial final : SeedSink {
  explicit FindSerial(std::string_view wanted) : serial(wanted), bare(without_zeros(wanted)) {}
  void on_token(TokenSeed&& token) override {
    if (token.serial == serial) return found.push_back(std::move(token));
    if (token.serial.empty()) {
      if (++without_serial == 1) only = std::move(token);
      return;
    }
    if (nearly.empty() && without_zeros(token.serial) == bare) nearly = quotable_serial(token.serial);
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.warning && problem.serial == serial) warn(fmt::format("{}: {}", problem.field, problem.what));
    if (!problem.warning && problem.serial == serial)
      why = fmt::format("line {}: {}: {}", problem.line, problem.field, problem.what);
  }
  /// Spreadsheets and people drop leading zeros, and letter case.
  static std::string without_zeros(std::string_view text) {
    return lower(text.substr(std::min(text.find_first_not_of('0'), text.size())));
  }

  const std::string_view serial;
  const std::string bare;
  std::vector<TokenSeed> found;
  int without_serial = 0;
  TokenSeed only;  ///< that has none, if there is one
  std::string why, nearly;
};

Result<TokenSeed> find_token(const CodeOptions& options) {
  FindSerial sink(options.serial);
  const auto seeds = OpenedSeeds::open(options.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  auto summary = seeds->read(sink);
  if (!summary) return pass(summary);
  for (const auto& note : summary->notes) say(harmless(fmt::format("note: {}\n", note)));  // such as that no MAC was checked
  // In a file of a format without serial numbers the caller's can only be that of its one token.
  if (sink.found.empty() && sink.without_serial == 1 && summary->tokens == 1) {
    sink.only.serial = options.serial;
    sink.found.push_back(std::move(sink.only));
  }
  std::erase_if(sink.found,
                [&](const TokenSeed& token) { return std::ranges::binary_search(summary->withdrawn, token.place()); });
  std::string why_none = sink.why;
  for (auto& token : sink.found) {
    auto why = why_no_code(token);
    if (why.empty()) return std::move(token);
    why_none = std::move(why);
  }
  return std::unexpected(Error{
      Errc::not_found,
      sink.found.empty() ? "the file has no usable token with this serial number" + (why_none.empty() ? "" : ": " + why_none)
                         : "no code can be computed for this token: " + why_none,
      sink.nearly.empty() || !sink.found.empty() ? "See portalkey tokens validate FILE."
                                                 : fmt::format("The file has {}: give it as the file does.", sink.nearly),
      {{"serial number", may_quote_serial(options.serial) ? options.serial : "(not shown: it may be a secret key)"}}});
}

Result<WallTime> time_of(const CodeOptions& options) {
  if (options.at.empty()) return SystemClock().now();
  const auto time = parse_iso_time(options.at);
  if (!time) return fail(Errc::invalid_input, "--at takes a time such as 2026-01-01T00:00:00Z");
  return *time;
}

/// Where Entra would not take the token, per backend.
std::string entra_text(const TokenSeed& token) {
  const auto portal = why_not_portal(token), graph = why_not_graph(token);
  if (portal.empty() && graph.empty()) return {};
  return fmt::format("  The portal's import {}.\n  Microsoft Graph {}.\n",
                     portal.empty() ? "takes this token" : "does not take this token: " + portal,
                     graph.empty() ? "takes it" : "does not take it: " + graph);
}

json::object entra_json(const TokenSeed& token) {
  return {{"portal", why_not_portal(token).empty()}, {"graph", why_not_graph(token).empty()}, {"why", why_not_portal(token)}};
}

Result<ExitCode> show_code(const CodeOptions& options, OutputFormat format) {
  auto token = find_token(options);
  if (!token) return pass(token);
  const auto time = time_of(options);
  if (!time) return std::unexpected(time.error());
  const bool timed = token->type == OtpType::totp;
  std::string code = code_of(*token, *time);
  const auto left =
      timed ? std::chrono::ceil<std::chrono::seconds>(time_left_in_step(*time, std::chrono::seconds(*token->step))).count() : 0;
  std::string out;
  if (format == OutputFormat::json) {
    json::object document{{"serial", token->serial}, {"code", code}, {"time", iso_time(*time)}, {"entra", entra_json(*token)}};
    if (timed) document["secondsLeft"] = left;
    if (!timed) document["counter"] = *token->details->counter;
    out = json_text(document) + "\n";
  } else if (timed) {
    out = fmt::format("{}\n  for {} s more, by {}\n{}", code, left,
                      options.at.empty() ? "this machine's clock" : "the time given", entra_text(*token));
  } else {
    out = fmt::format("{}\n  for press {} by the file; the device may be further on\n{}", code, *token->details->counter,
                      entra_text(*token));
  }
  print(out);
  wipe(out);
  wipe(code);
  return ExitCode::done;
}

Result<ExitCode> check_code(const CodeOptions& options, OutputFormat format) {
  auto token = find_token(options);
  if (!token) return pass(token);
  const auto time = time_of(options);
  if (!time) return std::unexpected(time.error());
  if (options.code.size() != static_cast<std::size_t>(*token->digits) ||
      options.code.find_first_not_of("0123456789") != std::string::npos) {
    return fail(Errc::invalid_input, fmt::format("this token's codes have {} digits", *token->digits),
                "Type the code as the device shows it.");
  }
  const bool timed = token->type == OtpType::totp;
  const auto found = steps_of_code(*token, options.code, *time, options.window);
  const double by_chance = (2.0 * options.window + 1) / std::pow(10, *token->digits);
  const bool good = !found.empty() && (!timed || std::abs(found.front()) <= kStepsEntraTolerates);
  if (format == OutputFormat::json) {
    json::object document{
        {"serial", token->serial}, {"matches", !found.empty()}, {"window", options.window}, {"entra", entra_json(*token)}};
    if (!found.empty()) document["steps"] = found.front();
    if (!found.empty() && timed) document["seconds"] = found.front() * *token->step;
    if (!found.empty() && timed) document["withinEntrasTolerance"] = good;
    json::array others;
    for (std::size_t i = 1; i < found.size(); ++i) others.emplace_back(found[i]);
    document["otherSteps"] = std::move(others);
    print(json_text(document) + "\n");
  } else {
    std::string out;
    if (found.empty() && timed) {
      out = fmt::format(
          "The code does not fit within {} steps ({}) of this machine's clock.\n"
          "  The device shows another token's code, the secret key is wrong, the code was mistyped or is older, or the clock "
          "is further off "
          "(--window N).\n",
          options.window, about(std::chrono::seconds(std::int64_t{options.window} * *token->step)));
    } else if (found.empty()) {
      out = fmt::format("The code is none of the next {} of this token.\n", options.window + 1);
    } else if (!timed) {
      out = fmt::format("The code fits: the device is {} presses further on than the file says.\n", found.front());
    } else if (found.front() == 0) {
      out = "The code fits the current step: the token's clock is right, as far as this machine's is.\n";
    } else {
      const auto steps = std::abs(found.front());
      out = fmt::format("The code fits: the token's clock is {} step{} ({} s) {} this machine's.\n", steps,
                        steps == 1 ? "" : "s", steps * *token->step, found.front() > 0 ? "ahead of" : "behind");
      if (found.front() < 0) out += "  Somebody who reads and types takes time: a step behind may be no more than that.\n";
    }
    if (!found.empty() && timed) {
      out += good ? fmt::format("  Entra is documented to tolerate {} s: it should take this token's codes.\n",
                                kStepsEntraTolerates * *token->step)
                  : fmt::format(
                        "  Entra is documented to tolerate only {} s: sign-in will probably fail, even if the token was "
                        "activated with a "
                        "computed code, which proves nothing about the device's clock.\n  Replace the device, or have its "
                        "clock set if it can be.\n",
                        kStepsEntraTolerates * *token->step);
    }
    if (found.size() > 1)
      out += fmt::format("  It also fits {} other steps of the window: check a second code.\n", found.size() - 1);
    if (found.size() <= 1 && !found.empty() && by_chance > 0.001)
      out += fmt::format("  With so wide a window a wrong code fits by chance in {:.1f} % of cases: check a second one.\n",
                         by_chance * 100);
    print(out + entra_text(*token));
  }
  return good ? ExitCode::done : found.empty() ? ExitCode::failed : ExitCode::partly_done;
}

Command add_command(Command tokens, Run& run, const char* name, const char* what, const std::shared_ptr<CodeOptions>& options,
                    Result<ExitCode> (*work)(const CodeOptions&, OutputFormat)) {
  auto format = std::make_shared<OutputFormat>();
  const auto command = tokens.subcommand(name, what);
  add_seed_file_options(command, options->seeds);
  command.option("--serial", options->serial, "The token's serial number").required().type_name("SERIAL");
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
                                   std::make_shared<CodeOptions>(), show_code);
  command.footer("Example: portalkey tokens code seeds.csv --serial 1000001");
}

void add_tokens_check(Command tokens, Run& run) {
  auto options = std::make_shared<CodeOptions>();
  const auto command =
      add_command(tokens, run, "check", "How far a token's clock is off, by a code read from it", options, check_code);
  command.option("--code", options->code, "The code that the device shows now").required().type_name("CODE");
  command.option("--window", options->window, "How many steps to look each way (default 20)").within(0, 20160).type_name("N");
  command.footer(
      "Exit codes: 0 it fits, 3 it fits but Entra will probably refuse it, 1 it does not fit.\n"
      "Example: portalkey tokens check seeds.csv --serial 1000001 --code 123456");
}

}  // namespace portalkey
