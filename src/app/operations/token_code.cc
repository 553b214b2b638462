#include "app/operations/token_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ascii.h"
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

Result<CheckedCode> check_code(const CodeOptions& options, std::string_view code, int window, const Clock& clock,
                               SeedRemarks& remarks) {
  auto token = find_token(options, remarks);
  if (!token) return pass(token);
  if (code.size() != static_cast<std::size_t>(*token->digits) || code.find_first_not_of("0123456789") != std::string::npos) {
    return fail(Errc::invalid_input, fmt::format("this token's codes have {} digits", *token->digits),
                "Type the code as the device shows it.");
  }
  CheckedCode out;
  out.serial = token->serial;
  out.window = window;
  out.step = token->type == OtpType::totp ? *token->step : 0;
  out.digits = *token->digits;
  out.steps = steps_of_code(*token, code, options.at.value_or(clock.now()), window);
  out.entra = refusals_of(*token);
  return out;
}

bool CheckedCode::good() const { return fits() && (!timed() || std::abs(steps.front()) <= kStepsEntraTolerates); }

double CheckedCode::by_chance() const { return (2.0 * window + 1) / std::pow(10, digits); }

}  // namespace portalkey
