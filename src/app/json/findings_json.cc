#include "app/json/findings_json.h"

#include <boost/json.hpp>

#include "base/json_text.h"

namespace portalkey {

namespace json = boost::json;

std::string json_of(const Findings& findings, std::string_view profile, const Words& words) {
  json::array list;
  for (const auto& finding : findings) {
    json::object entry{{"check", finding.check},
                       {"outcome", name_of(finding.outcome)},
                       {"what", words(finding.what)},
                       {"remedy", words(finding.remedy)}};
    json::object context;
    for (const auto& [key, value] : finding.context) context[key] = value;
    if (!context.empty()) entry["context"] = std::move(context);
    list.push_back(std::move(entry));
  }
  return json_text(json::object{{"profile", profile}, {"outcome", name_of(worst(findings))}, {"findings", std::move(list)}});
}

}  // namespace portalkey
