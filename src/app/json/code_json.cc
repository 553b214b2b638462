#include "app/json/code_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"
#include "base/time_text.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::object json_of(const EntraRefusals& entra) {
  return {{"portal", entra.portal.empty()}, {"graph", entra.graph.empty()}, {"why", entra.portal}};
}

std::string_view name_of(FoundClock::State state) {
  using State = FoundClock::State;
  switch (state) {
    case State::found: return "found";
    case State::ambiguous: return "ambiguous";
    case State::no_fit: return "no fit";
    case State::only_first: return "only the first code fits";
    case State::only_second: return "only the second code fits";
    case State::not_consecutive: return "not consecutive";
    case State::same_code: return "same code";
    case State::too_far: return "too far off";
  }
  return {};
}

json::value time_or_null(const std::optional<WallTime>& time) {
  return time ? json::value(iso_time(*time)) : json::value(nullptr);
}

json::object json_of(const SeenDrift& drift) {
  return {{"secondsPerDay", drift.rate.seconds_per_day},
          {"plusMinus", drift.rate.doubt},
          {"since", drift.by},
          {"outOfReachIfUnused", time_or_null(drift.unused_until)},
          {"outOfReachOfActivation", time_or_null(drift.activated_until)}};
}

}  // namespace

std::string json_of(const TokenCode& code) {
  return code.code.reveal([&](std::string_view digits) {
    json::object document{
        {"serial", code.serial}, {"code", digits}, {"time", iso_time(code.at)}, {"entra", json_of(code.entra)}};
    if (code.good_for) document["secondsLeft"] = code.good_for->count();
    if (code.counter) document["counter"] = *code.counter;
    return json_text(document);
  });
}

std::string json_of(const CheckedCode& code, const Words& words) {
  json::object document{{"serial", code.serial},
                        {"matches", code.fits()},
                        {"verdict", name_of(code.found.state)},
                        {"window", code.window},
                        {"entra", json_of(code.entra)}};
  const bool known = code.found.found();
  if (known) document["steps"] = code.steps();
  if (known && code.timed()) {
    document["seconds"] = code.steps() * code.step;
    document["withinEntrasTolerance"] = code.good();
    document["canBeActivated"] = code.can_be_activated();
  }
  json::array others;
  for (std::size_t i = known ? 1 : 0; i < code.found.steps.size(); ++i) others.emplace_back(code.found.steps[i]);
  document["otherSteps"] = std::move(others);
  document["byChance"] = code.by_chance();
  if (code.why) document["why"] = {{"what", code.why->what + code.whose}, {"remedy", words(code.why->remedy)}};
  if (code.timed()) document["drift"] = code.drift ? json::value(json_of(*code.drift)) : json::value(nullptr);
  return json_text(document);
}

}  // namespace portalkey
