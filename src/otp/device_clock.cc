#include "otp/device_clock.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

#include "base/time_text.h"

namespace portalkey {
namespace {

using State = FoundClock::State;
using Steps = std::vector<std::int64_t>;

constexpr std::int64_t kNeighbours = 20;  // steps: codes that are so far apart were read a few minutes apart
constexpr double kSecondsPerDay = 86400;

/// Calls `look` with steps, nearest first, until it says that it has seen enough.
template <class Look>
void each_step(std::int64_t nearest, std::int64_t reach, Look&& look) {
  for (std::int64_t distance = nearest; distance <= reach; ++distance) {
    if (!look(distance)) return;
    if (distance != 0 && !look(-distance)) return;
  }
}

/// One digit is another, or two neighbours are exchanged.
bool is_slip(std::string_view typed, std::string_view meant) {
  if (typed.size() != meant.size() || typed == meant) return false;
  const auto differs = std::ranges::mismatch(typed, meant);
  const auto i = static_cast<std::size_t>(differs.in1 - typed.begin());
  if (typed.substr(i + 1) == meant.substr(i + 1)) return true;
  return i + 1 < typed.size() && typed[i] == meant[i + 1] && typed[i + 1] == meant[i] &&
         typed.substr(i + 2) == meant.substr(i + 2);
}

FoundClock by_one_code(const CodeAhead& code_at, std::string_view code, const ClockSearch& search) {
  FoundClock out;
  each_step(0, search.reach, [&](std::int64_t steps) {
    // Whoever has seen it near does not look further: there it fits by chance at most.
    if (!out.steps.empty() && std::abs(steps) > search.near && std::abs(out.steps.front()) <= search.near) return false;
    if (code_at(steps) == code) out.steps.push_back(steps);
    return true;
  });
  if (out.steps.empty()) {
    each_step(0, search.near, [&](std::int64_t steps) {
      out.slip = is_slip(code, code_at(steps));
      return !out.slip;
    });
    return out;
  }
  const bool sure = out.steps.size() == 1 || std::abs(out.steps.front()) <= search.near;
  out.state = sure ? State::found : State::ambiguous;
  return out;
}

/// The two codes that are nearest to one another; nullopt: they are not of the same few minutes.
std::optional<std::pair<std::int64_t, std::int64_t>> neighbours(const Steps& first, const Steps& second) {
  std::optional<std::pair<std::int64_t, std::int64_t>> best;
  for (const auto a : first) {
    for (const auto b : second) {
      const auto apart = std::abs(b - a);
      if (apart <= kNeighbours && (!best || apart < std::abs(best->second - best->first))) best = {a, b};
    }
  }
  return best;
}

FoundClock by_two_codes(const CodeAhead& code_at, std::string_view code, std::string_view next, const ClockSearch& search) {
  FoundClock out;
  if (code == next) {
    out.state = State::same_code;
    return out;
  }
  Steps first, second;
  each_step(0, search.reach, [&](std::int64_t steps) {
    const auto shown = code_at(steps);
    if (shown == next) second.push_back(steps);
    if (shown != code) return true;
    first.push_back(steps);
    if (code_at(steps + 1) == next) out.steps.push_back(steps);
    return out.steps.empty();  // another pair would be one in a hundred million
  });
  if (!out.steps.empty()) {
    out.state = State::found;
    return out;
  }
  if (const auto near = neighbours(first, second)) {
    out.state = State::not_consecutive;
    out.apart = near->second - near->first;
    out.steps = {near->first};
    return out;
  }
  each_step(search.reach + 1, search.far_reach, [&](std::int64_t steps) {
    if (code_at(steps) == code && code_at(steps + 1) == next) out.steps.push_back(steps);
    return out.steps.empty();
  });
  if (!out.steps.empty()) {
    out.state = State::too_far;
    return out;
  }
  const auto any_slip = [](const Steps& at, const auto& slips) { return std::ranges::any_of(at, slips); };
  const bool slip_of_next = any_slip(first, [&](auto steps) { return is_slip(next, code_at(steps + 1)); });
  const bool slip_of_code = any_slip(second, [&](auto steps) { return is_slip(code, code_at(steps - 1)); });
  out.slip = slip_of_next || slip_of_code;
  const bool of_first = slip_of_next || (!slip_of_code && !first.empty() && second.empty());
  const bool of_second = slip_of_code || (!slip_of_next && !second.empty() && first.empty());
  out.state = of_first ? State::only_first : of_second ? State::only_second : State::no_fit;
  out.steps = of_first ? first : of_second ? second : Steps{};
  return out;
}

}  // namespace

std::string text_of_ahead(std::chrono::seconds ahead) {
  if (ahead.count() == 0) return "right";
  return about(std::chrono::abs(ahead)) + (ahead.count() > 0 ? " ahead" : " behind");
}

FoundClock find_clock(const CodeAhead& code_at, std::string_view code, std::string_view next, const ClockSearch& search) {
  return next.empty() ? by_one_code(code_at, code, search) : by_two_codes(code_at, code, next, search);
}

double chance_of_fit(std::int64_t reach, int digits, bool two_codes) {
  const double by_one = std::pow(10, -digits);
  return std::min(1.0, (2.0 * static_cast<double>(reach) + 1) * (two_codes ? by_one * by_one : by_one));
}

double DriftRate::most() const { return std::abs(seconds_per_day) + doubt; }

std::optional<DriftRate> drift_rate(const DeviceClock& one, const DeviceClock& other, std::chrono::seconds step) {
  const auto& [earlier, later] = one.seen <= other.seen ? std::tie(one, other) : std::tie(other, one);
  if (earlier.seen == WallTime{}) return std::nullopt;
  const double days = std::chrono::duration<double>(later.seen - earlier.seen).count() / kSecondsPerDay;
  if (days < 1) return std::nullopt;
  return DriftRate{static_cast<double>((later.ahead - earlier.ahead).count()) / days, static_cast<double>(step.count()) / days};
}

std::optional<WallTime> out_of_reach(const DeviceClock& clock, std::chrono::seconds from, const DriftRate& rate,
                                     std::chrono::seconds reach) {
  const auto off = static_cast<double>((clock.ahead - from).count());
  const auto most = static_cast<double>(reach.count());
  if (std::abs(off) > most) return clock.seen;
  // The way it goes, or, where that cannot be told, the nearer end.
  const bool fast = rate.seconds_per_day > 0, slow = rate.seconds_per_day < 0;
  const bool surely = std::abs(rate.seconds_per_day) > rate.doubt;
  const double left = surely && fast ? most - off : surely && slow ? most + off : most - std::abs(off);
  const double days = rate.most() > 0 ? left / rate.most() : INFINITY;
  const double at = static_cast<double>(unix_seconds(clock.seen)) + days * kSecondsPerDay;
  constexpr double kLastMoment = 4'000'000'000;  // in 2096
  if (!(at < kLastMoment)) return std::nullopt;
  return from_unix_seconds(static_cast<std::int64_t>(at));
}

}  // namespace portalkey
