#include "app/operations/token_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ascii.h"
#include "base/time_text.h"
#include "otp/totp.h"
#include "seeds/input/key_fields.h"
#include "seeds/model/token_clock.h"

namespace portalkey {
namespace {

/// Keeps the tokens with one serial number; a device may hold several keys.
struct FindSerial final : SeedSink {
  FindSerial(std::string_view wanted, SeedRemarks& told) : serial(wanted), bare(without_zeros(wanted)), remarks(told) {}
  void on_token(TokenSeed&& token) override {
    if (token.serial == serial) return found.push_back(std::move(token));
    if (token.serial.empty()) {
      if (++without_serial == 1) only = std::move(token);
      return;
    }
    if (nearly.empty() && without_zeros(token.serial) == bare) nearly = quotable_serial(token.serial);
  }
  void on_problem(RowProblem&& problem) override {
    if (problem.warning && problem.serial == serial)
      remarks.warnings.push_back(fmt::format("{}: {}", problem.field, problem.what));
    if (!problem.warning && problem.serial == serial)
      why = fmt::format("line {}: {}: {}", problem.line, problem.field, problem.what);
  }
  /// Spreadsheets and people drop leading zeros, and letter case.
  static std::string without_zeros(std::string_view text) {
    return lower(text.substr(std::min(text.find_first_not_of('0'), text.size())));
  }

  const std::string_view serial;
  const std::string bare;
  SeedRemarks& remarks;
  std::vector<TokenSeed> found;
  int without_serial = 0;
  TokenSeed only;  ///< that has none, if there is one
  std::string why, nearly;
};

Result<TokenSeed> find_token(const CodeOptions& options, SeedRemarks& remarks) {
  FindSerial sink(options.serial, remarks);
  const auto seeds = OpenedSeeds::open(options.seeds);
  if (!seeds) return std::unexpected(seeds.error());
  auto summary = seeds->read(sink);
  if (!summary) return pass(summary);
  remarks.notes = summary->notes;
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
      sink.nearly.empty() || !sink.found.empty() ? "See [[validate|FILE]]."
                                                 : fmt::format("The file has {}: give it as the file does.", sink.nearly),
      {{"serial number", may_quote_serial(options.serial) ? options.serial : "(not shown: it may be a secret key)"}}});
}

EntraRefusals refusals_of(const TokenSeed& token) {
  const auto why = [&](Backend backend) {
    auto refused = why_not(token, backend);
    return refused ? std::move(refused->why) : std::string();
  };
  return {why(Backend::portal), why(Backend::graph)};
}

}  // namespace

Result<TokenCode> compute_code(const CodeOptions& options, const Clock& clock, SeedRemarks& remarks) {
  auto token = find_token(options, remarks);
  if (!token) return pass(token);
  TokenCode out;
  out.serial = token->serial;
  out.at = options.at.value_or(clock.now());
  out.entra = refusals_of(*token);
  std::string code = code_of(*token, out.at);
  out.code = Secret(code);
  wipe(code);
  if (token->type == OtpType::totp) {
    out.good_for = std::chrono::ceil<std::chrono::seconds>(time_left_in_step(out.at, std::chrono::seconds(*token->step)));
  } else {
    out.counter = *token->details->counter;
  }
  return out;
}

namespace {

/// Of a token that counts presses: how many, by the file's counter.
FoundClock count_presses(const TokenSeed& token, const std::string& code, WallTime at, int window) {
  FoundClock found;
  found.steps = steps_of_code(token, code, at, window);
  if (!found.steps.empty()) found.state = FoundClock::State::found;
  return found;
}

struct LookAtAll final : SeedSink {
  explicit LookAtAll(WhoseCodes& codes) : whose(codes) {}
  void on_token(TokenSeed&& token) override { whose.look_at(token); }
  void on_problem(RowProblem&&) override {}
  WhoseCodes& whose;
};

/// Of which other token of the file the codes are; what cannot be read again stays unknown.
std::string whose_codes(const CheckOptions& options, WallTime at) {
  const auto seeds = OpenedSeeds::open(options.of.seeds);
  if (!seeds || !seeds->can_be_read_again()) return {};
  struct Count final : SeedSink {
    void on_token(TokenSeed&&) override { ++tokens; }
    void on_problem(RowProblem&&) override {}
    std::int64_t tokens = 0;
  } count;
  if (!seeds->read(count)) return {};
  WhoseCodes whose(options.codes, at, count.tokens);
  LookAtAll sink(whose);
  return seeds->read(sink) ? whose.text() : std::string();
}

/// The earliest that says something, which is the one given, what the vendor has measured, or that it was right when it was
/// made.
std::optional<std::pair<DriftRate, std::string>> rate_of(const CheckOptions& options, const TokenSeed& token,
                                                         const DeviceClock& now) {
  const std::chrono::seconds step(*token.step);
  const auto day = [](WallTime time) { return iso_time(time).substr(0, 10); };
  if (options.earlier) {
    auto rate = drift_rate(*options.earlier, now, step);
    if (rate) return std::pair{*rate, fmt::format("what was seen on {}", day(options.earlier->seen))};
  }
  if (const auto measured = known_clock(token)) {
    auto rate = drift_rate(*measured, now, step);
    if (rate) return std::pair{*rate, fmt::format("what its vendor measured on {}", day(measured->seen))};
  }
  const auto made = options.made.empty() ? made_on(token) : MadeOn{options.made, "its date of manufacture"};
  const auto then = made.date.empty() ? std::nullopt : parse_iso_time(made.date + "T00:00:00Z");
  if (!then) return std::nullopt;
  auto rate = drift_rate({{}, *then}, now, step);
  if (!rate) return std::nullopt;
  return std::pair{*rate, fmt::format("{} {}, if it was right then", made.by, made.date)};
}

std::optional<SeenDrift> drift_of(const CheckOptions& options, const TokenSeed& token, const DeviceClock& now) {
  const auto rate = rate_of(options, token, now);
  if (!rate) return std::nullopt;
  const std::chrono::seconds step(*token.step);
  return SeenDrift{rate->first, rate->second, out_of_reach(now, now.ahead, rate->first, kStepsEntraTolerates * step),
                   out_of_reach(now, {}, rate->first, kStepsOfActivation * step)};
}

}  // namespace

Result<CheckedCode> check_code(const CheckOptions& options, const Clock& clock, SeedRemarks& remarks) {
  constexpr int kPresses = 20;
  auto token = find_token(options.of, remarks);
  if (!token) return pass(token);
  const auto& [code, next] = options.codes;
  for (const auto* one : {&code, &next}) {
    if (one == &next && next.empty()) continue;
    if (one->size() != static_cast<std::size_t>(*token->digits) || one->find_first_not_of("0123456789") != std::string::npos) {
      return fail(Errc::invalid_input, fmt::format("this token's codes have {} digits", *token->digits),
                  "Type the code as the device shows it.");
    }
  }
  const WallTime at = options.of.at.value_or(clock.now());
  CheckedCode out;
  out.serial = token->serial;
  out.digits = *token->digits;
  out.entra = refusals_of(*token);
  if (token->type != OtpType::totp) {
    if (!next.empty())
      return fail(Errc::invalid_input, "this token counts presses (HOTP), and has no clock that a second code could tell",
                  "Give one code.");
    out.window = options.window != 0 ? options.window : kPresses;
    out.found = count_presses(*token, code, at, out.window);
    return out;
  }
  auto search = clock_search(*token, !next.empty() && options.window == 0);
  if (options.window != 0) search = {options.window, std::min<std::int64_t>(search.near, options.window), 0};
  out.window = static_cast<int>(search.reach);
  out.step = *token->step;
  out.two_codes = !next.empty();
  out.found = find_clock(codes_ahead(*token, at), code, next, search);
  out.why = why_no_clock(out.found, *token, options.codes, std::chrono::seconds(out.step) * search.reach);
  if (may_be_anothers(out.found)) out.whose = whose_codes(options, at);
  if (out.found.found()) {
    const DeviceClock seen{out.steps() * std::chrono::seconds(out.step), from_unix_seconds(unix_seconds(at))};
    out.drift = drift_of(options, *token, seen);
  }
  return out;
}

bool CheckedCode::good() const { return found.found() && (!timed() || std::abs(steps()) <= kStepsEntraTolerates); }

bool CheckedCode::can_be_activated() const { return found.found() && timed() && std::abs(steps()) <= kStepsOfActivation; }

}  // namespace portalkey
