#include <algorithm>
#include <map>

#include "base/json_text.h"
#include "base/time_text.h"
#include "jobs/report/outcomes_json.h"
#include "jobs/report/report.h"

namespace portalkey {

namespace json = boost::json;

json::object outcomes_json(const std::vector<TokenOutcome>& outcomes) {
  std::map<TokenOutcome::State, std::size_t> counts;
  json::array tokens;
  for (const auto& outcome : outcomes) {
    ++counts[outcome.state];
    json::object token{{"serial", outcome.serial}, {"upn", outcome.upn}, {"state", name_of(outcome.state)}};
    if (outcome.line != 0) token["line"] = outcome.line;
    if (!outcome.reason.empty()) token["reason"] = outcome.reason;
    if (!outcome.remedy.empty()) token["remedy"] = outcome.remedy;
    if (const auto& clock = outcome.clock) {
      token["deviceClock"] = {{"aheadSeconds", clock->ahead.count()},
                              {"seen", clock->seen == WallTime{} ? json::value(nullptr) : json::value(iso_time(clock->seen))}};
    }
    tokens.push_back(std::move(token));
  }
  json::object summary{{"tokens", outcomes.size()}, {"good", std::ranges::count_if(outcomes, &TokenOutcome::good)}};
  for (const auto& [state, count] : counts) summary[name_of(state)] = count;
  return {{"tokens", std::move(tokens)}, {"summary", std::move(summary)}};
}

std::string report_json(const ReportSubject& subject, const std::vector<TokenOutcome>& outcomes) {
  json::object document = outcomes_json(outcomes);
  auto& tokens = document["tokens"].get_array();
  std::map<std::string, std::size_t> causes;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].settled != WallTime{}) tokens[i].get_object()["time"] = iso_time(outcomes[i].settled);
    if (!outcomes[i].good()) ++causes[outcomes[i].reason];
  }
  json::array failures;
  for (const auto& [reason, count] : causes) failures.push_back({{"reason", reason}, {"tokens", count}});
  document["failures"] = std::move(failures);
  document["job"] = subject.job;
  document["file"] = subject.file;
  document["tenant"] = subject.tenant;
  document["backend"] = subject.backend;
  document["made"] = iso_time(subject.made);
  return json_text(document) + "\n";
}

}  // namespace portalkey
