#include "app/json/plan_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"

namespace portalkey {

namespace json = boost::json;

std::string json_of(const TokenPlan& plan, const Words& words) {
  json::array changes, impossible;
  for (const auto& change : plan.changes) {
    json::object one{{"change", name_of(change.change)}, {"serial", change.serial}};
    if (change.line != 0) one["line"] = change.line;
    if (!change.upn.empty()) one["upn"] = change.upn;
    if (!change.from.empty()) one["from"] = change.from;
    if (!change.replaced_by.empty()) one["replacedBy"] = change.replaced_by;
    if (!change.with_key && !change.upn.empty() && change.change != TokenChange::remove) one["activates"] = false;
    changes.push_back(std::move(one));
  }
  for (const auto& row : plan.impossible) {
    impossible.push_back(
        {{"line", row.line}, {"serial", row.serial}, {"upn", row.upn}, {"reason", row.reason}, {"remedy", words(row.remedy)}});
  }
  return json_text(json::object{
      {"changes", std::move(changes)}, {"impossible", std::move(impossible)}, {"unchanged", plan.unchanged.size()}});
}

}  // namespace portalkey
