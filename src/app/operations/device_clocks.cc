#include "app/operations/device_clocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/time_text.h"
#include "jobs/verdict/serial_match.h"
#include "seeds/input/key_fields.h"

namespace portalkey {
namespace {

using State = FoundClock::State;
using std::chrono::seconds;

constexpr std::string_view kReadAgain = "Read the device again: two codes that follow one another.";

std::string slipped(bool slip, std::string_view which) {
  return slip ? fmt::format("{} differs by one digit, or by two that are exchanged, from what the device shows there", which)
              : fmt::format("{} is typed wrong, or another device's", which);
}

std::string of_ahead(const FoundClock& found, seconds step, std::int64_t add = 0) {
  return text_of_ahead((found.steps.front() + add) * step);
}

FieldProblem no_fit(const FoundClock& found, const ReadCodes& codes, seconds reach) {
  if (found.slip)
    return {fmt::format("no code of the device within {}: {}", about(reach), slipped(true, "it")),
            "Type it again as the device shows it."};
  if (codes.next.empty()) {
    return {fmt::format("no code of the device within {0} either way: it was typed wrong, is another token's, or the device's "
                        "clock is more than {0} off",
                        about(reach)),
            "Read two codes that follow one another: with both, a clock that is further off is found as well."};
  }
  return {
      fmt::format("neither code is one of the device within {} either way: they were typed wrong or are another token's, or "
                  "the secret key is",
                  about(reach)),
      std::string(kReadAgain)};
}

/// Puts a token, or a row without one, among the problems.
void add_problem(SeedRows& rows, const TokenSeed* token, const DeviceReadings* readings, std::int64_t line,
                 std::string_view serial, std::string_view field, FieldProblem why) {
  RowProblem problem;
  if (readings != nullptr) problem.file = readings->name;
  problem.line = line;
  problem.serial = token != nullptr ? token->serial : quotable_serial(serial);
  if (token != nullptr) problem.upn = token->upn;
  problem.field = field;
  problem.what = std::move(why.what);
  problem.remedy = std::move(why.remedy);
  rows.problems.push_back(std::move(problem));
}

/// The tokens of a file by their serial numbers.
class BySerial {
 public:
  explicit BySerial(const std::vector<TokenSeed>& tokens) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      places_.emplace(tokens[i].serial, i);
      serials_.push_back(tokens[i].serial);
    }
  }
  std::optional<std::size_t> find(const std::string& serial, Interaction& interaction, std::string& nearly) const {
    if (const auto known = places_.find(serial); known != places_.end()) return known->second;
    const auto match = match_serial(serial, serials_);
    if (match.serial.empty()) {
      nearly = nearly_text(match);
      return std::nullopt;
    }
    interaction.warn(fmt::format("{} is taken for {}, as the file writes it", serial, match.serial));
    return places_.at(match.serial);
  }

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
  std::vector<std::string_view> serials_;
};

void leave_out(SeedRows& rows, const std::set<std::size_t>& places) {
  std::size_t i = 0;
  std::erase_if(rows.tokens, [&](const TokenSeed&) { return places.contains(i++); });
}

}  // namespace

std::optional<FieldProblem> why_no_clock(const FoundClock& found, const TokenSeed& token, const ReadCodes& codes,
                                         seconds reach) {
  const seconds step(token.step.value_or(30));
  switch (found.state) {
    case State::found: return std::nullopt;
    case State::ambiguous:
      return FieldProblem{
          fmt::format("it is the device's code at {} moments within {} ({}, {}{}): by chance a code is that of another moment, "
                      "too, in {:.1f} % of cases",
                      found.steps.size(), about(reach), text_of_ahead(found.steps[0] * step),
                      text_of_ahead(found.steps[1] * step), found.steps.size() > 2 ? " …" : "",
                      100 * chance_of_fit(reach / step, *token.digits, false)),
          "Read the next code too, and give both."};
    case State::no_fit: return no_fit(found, codes, reach);
    case State::only_first:
      return FieldProblem{fmt::format("the second code does not follow the first one, by which the device's clock is {}: {}",
                                      of_ahead(found, step), slipped(found.slip, "it")),
                          std::string(kReadAgain)};
    case State::only_second:
      return FieldProblem{
          fmt::format("the first code does not come before the second one, by which the device's clock is {}: {}",
                      of_ahead(found, step, -1), slipped(found.slip, "it")),
          std::string(kReadAgain)};
    case State::not_consecutive:
      return FieldProblem{
          found.apart == -1 ? "the two codes follow one another the other way round"
                            : fmt::format("the two codes do not follow one another: the second one is that of {} intervals {}",
                                          std::abs(found.apart), found.apart > 0 ? "later" : "earlier"),
          found.apart == -1 ? "Exchange them." : std::string(kReadAgain)};
    case State::same_code:
      return FieldProblem{"it is the same code twice",
                          "Wait until the device shows its next code, and give that as the second."};
    case State::too_far:
      return FieldProblem{fmt::format("the device's clock is {}: more than two days off, and Entra follows at most {}",
                                      of_ahead(found, step), about(kStepsOfActivation * step)),
                          "Replace the device, or have its clock set if it can be."};
  }
  return std::nullopt;
}

bool may_be_anothers(const FoundClock& found) {
  const auto state = found.state;
  return !found.slip && (state == State::no_fit || state == State::only_first || state == State::only_second);
}

std::optional<FieldProblem> why_not_followed(const DeviceClock& clock, const TokenSeed& token) {
  const seconds reach = kStepsOfActivation * seconds(token.step.value_or(30));
  if (std::chrono::abs(clock.ahead) <= reach) return std::nullopt;
  return FieldProblem{
      fmt::format("the device's clock is {}, and Entra follows at most {}: it could not be activated with its own "
                  "codes, and its owner not sign in after another activation",
                  text_of_ahead(clock.ahead), about(reach)),
      "Replace the device, or have its clock set if it can be. If the clock is right after all, give codes "
      "that were read from it: [[setting|clocks|FILE]]."};
}

std::expected<DeviceClock, NoClock> clock_by_codes(const TokenSeed& token, const ReadCodes& codes, WallTime at, ReadAt shown,
                                                   bool further) {
  const auto refused = [](FieldProblem why, bool anothers = false) {
    return std::unexpected(NoClock{std::move(why), anothers});
  };
  if (auto why = why_no_code(token); !why.empty()) return refused({"no code can be computed for it: " + why, {}});
  if (token.type != OtpType::totp) return refused({"it counts presses, and has no clock", {}});
  for (const auto* code : {&codes.code, &codes.next}) {
    if (code->empty() && code == &codes.next) continue;
    if (code->size() != static_cast<std::size_t>(*token.digits) || code->find_first_not_of("0123456789") != std::string::npos)
      return refused(
          {fmt::format("this token's codes have {} digits", *token.digits), "Type the code as the device shows it."});
  }
  const auto found = find_clock(codes_ahead(token, at), codes.code, codes.next, clock_search(token, further));
  if (auto why = why_no_clock(found, token, codes)) return refused(std::move(*why), may_be_anothers(found));
  const seconds step(*token.step);
  const DeviceClock clock{(found.steps.front() + (shown == ReadAt::next && !codes.next.empty() ? 1 : 0)) * step,
                          from_unix_seconds(unix_seconds(at))};
  if (auto why = why_not_followed(clock, token)) return refused(std::move(*why));
  return clock;
}

WhoseCodes::WhoseCodes(const ReadCodes& codes, WallTime at, std::int64_t tokens) : codes_(codes), at_(at) {
  constexpr std::int64_t kMostCodes = 1'000'000;  // a second or two
  const auto most = kMostCodes / std::max<std::int64_t>(tokens, 1) / 2;
  // A single code fits so many tokens by chance that only the present says something.
  reach_ = std::clamp<std::int64_t>(most, 0, codes.next.empty() ? kStepsEntraTolerates : kStepsOfActivation);
}

void WhoseCodes::look_at(const TokenSeed& token) {
  if (token.type != OtpType::totp || !why_no_code(token).empty() ||
      codes_.code.size() != static_cast<std::size_t>(*token.digits) || !may_quote_serial(token.serial))
    return;
  if (!find_clock(codes_ahead(token, at_), codes_.code, codes_.next, {reach_, 0, 0}).found()) return;
  if (++found_ == 1) serial_ = token.serial;
}

std::string WhoseCodes::text() const {
  if (found_ != 1 || serial_.empty()) return {};
  return fmt::format("; it is {} of the token {} of this file", codes_.next.empty() ? "the present code" : "what the codes are",
                     serial_);
}

void apply_readings(const DeviceReadings& readings, SeedRows& rows, Interaction& interaction) {
  const BySerial tokens(rows.tokens);
  std::set<std::size_t> refused;
  std::unordered_set<std::string> unusable;  // rows of the seed file that are problems already
  for (const auto& problem : rows.problems) {
    if (!problem.warning && !problem.serial.empty()) unusable.insert(problem.serial);
  }
  constexpr int kLookedFor = 16;  // rows whose codes are looked for among all tokens
  int looked_for = 0;
  std::string nearly;
  const auto refuse = [&](std::optional<std::size_t> place, const std::string& serial, std::int64_t line,
                          std::string_view field, FieldProblem why) {
    if (place && !refused.insert(*place).second) return;  // named already
    add_problem(rows, place ? &rows.tokens[*place] : nullptr, &readings, line, serial, field, std::move(why));
  };
  for (const auto& problem : readings.problems) {
    const auto place = problem.serial.empty() ? std::nullopt : tokens.find(problem.serial, interaction, nearly);
    refuse(place, problem.serial, problem.line, problem.field, {problem.what, problem.remedy});
  }
  for (const auto& reading : readings.rows) {
    const auto place = tokens.find(reading.serial, interaction, nearly);
    if (!place) {
      if (unusable.contains(reading.serial)) continue;
      refuse(place, reading.serial, reading.line, "serial number",
             {"the seed file has no usable token with this serial number" + nearly, "See [[validate|FILE]]."});
      continue;
    }
    const ReadCodes codes{reading.code, reading.next};
    auto clock = clock_by_codes(rows.tokens[*place], codes, reading.read_at, ReadAt::code, false);
    if (clock) {
      rows.tokens[*place].detailed().clock = *clock;
      continue;
    }
    auto& why = clock.error();
    if (why.anothers && looked_for++ < kLookedFor) {
      WhoseCodes whose(codes, reading.read_at, static_cast<std::int64_t>(rows.tokens.size()) * kLookedFor);
      for (const auto& token : rows.tokens) whose.look_at(token);
      why.what += whose.text();
    }
    refuse(place, reading.serial, reading.line, "code", std::move(why));
  }
  leave_out(rows, refused);
}

void leave_out_not_followed(SeedRows& rows) {
  std::set<std::size_t> refused;
  for (std::size_t i = 0; i < rows.tokens.size(); ++i) {
    const auto& token = rows.tokens[i];
    const auto clock = known_clock(token);
    auto why = clock ? why_not_followed(*clock, token) : std::nullopt;
    if (!why) continue;
    refused.insert(i);
    add_problem(rows, &token, nullptr, token.line, token.serial, "TimeDrift", std::move(*why));
  }
  leave_out(rows, refused);
}

Result<void> take_clocks(const std::string& list, Tenant& tenant, SeedRows& rows) {
  if (!list.empty()) {
    const auto readings = read_device_readings(list, tenant.clock().now());
    if (!readings) return std::unexpected(readings.error());
    apply_readings(*readings, rows, tenant.interaction());
  }
  leave_out_not_followed(rows);
  return {};
}

std::vector<AgedToken> made_long_ago(std::span<const TokenSeed> tokens, WallTime now) {
  constexpr std::chrono::hours kAYear{24 * 365};
  const auto before = iso_time(now - kAYear).substr(0, 10);
  std::vector<AgedToken> out;
  for (const auto& token : tokens) {
    if (const auto made = made_on(token); !made.date.empty() && made.date < before) out.push_back({token.serial, made.date});
  }
  return out;
}

ActivationClocks activation_clocks(const JobOutcome& outcome) {
  ActivationClocks out;
  std::unordered_set<std::string_view> computed;
  for (const auto& token : outcome.tokens) {
    const bool would = token.state == TokenOutcome::State::would_import && outcome.job.activate;
    if (token.state != TokenOutcome::State::active && !would) continue;
    if (token.clock) {
      ++out.own;
    } else {
      ++out.computed;
      computed.insert(token.serial);
    }
  }
  std::ranges::copy_if(outcome.made_long_ago, std::back_inserter(out.long_ago),
                       [&](const AgedToken& token) { return computed.contains(token.serial); });
  return out;
}

}  // namespace portalkey
