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

std::string json_of(const CheckedCode& code) {
  json::object document{
      {"serial", code.serial}, {"matches", code.fits()}, {"window", code.window}, {"entra", json_of(code.entra)}};
  if (code.fits()) document["steps"] = code.steps.front();
  if (code.fits() && code.timed()) document["seconds"] = code.steps.front() * code.step;
  if (code.fits() && code.timed()) document["withinEntrasTolerance"] = code.good();
  json::array others;
  for (std::size_t i = 1; i < code.steps.size(); ++i) others.emplace_back(code.steps[i]);
  document["otherSteps"] = std::move(others);
  return json_text(document);
}

}  // namespace portalkey
