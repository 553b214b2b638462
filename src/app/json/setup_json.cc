#include "app/json/setup_json.h"

#include <boost/json.hpp>

#include "base/foreign_text.h"
#include "base/json_text.h"

namespace portalkey {
namespace {

namespace json = boost::json;

json::array steps_json(const std::vector<Step>& steps, const ProfileChange& profile, const Words& words) {
  json::array out;
  for (const auto& step : steps) {
    json::array changes;
    for (const auto& change : step.changes) {
      changes.push_back(json::object{{"property", change.property}, {"from", foreign_text(change.from)}, {"to", change.to}});
    }
    out.push_back(json::object{{"step", name_of(step.part)},
                               {"what", step.what},
                               {"state", name_of(step.state)},
                               {"changes", std::move(changes)},
                               {"why", words(step.why)}});
  }
  out.push_back(json::object{{"step", "profile"},
                             {"what", profile.config.string()},
                             {"state", profile.state()},
                             {"changes", json::array()},
                             {"why", ""}});
  return out;
}

json::array texts(const std::vector<std::string>& texts, const Words& words) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(words(text));
  return out;
}

}  // namespace

std::string json_of(const PlannedSetup& planned, const Words& words) {
  return json_text(json::object{{"changes", planned.changes()},
                                {"blocked", planned.plan.blocked()},
                                {"steps", steps_json(planned.plan.steps, planned.profile, words)},
                                {"warnings", texts(planned.plan.warnings, words)}});
}

std::string json_of(const AppliedSetup& applied, std::string_view next, const Words& words) {
  return json_text(json::object{{"changes", applied.changes()},
                                {"steps", steps_json(applied.steps, applied.profile, words)},
                                {"tenant", applied.tenant},
                                {"subscription", applied.subscription},
                                {"vault", applied.vault_url},
                                {"clientId", applied.client_id},
                                {"credentialFile", applied.credential_file.string()},
                                {"config", applied.profile.config.string()},
                                {"profile", applied.profile.name},
                                {"consent", applied.consent},
                                {"next", next}});
}

std::string json_of(const DestroyedSetup& destroyed, const Words& words) {
  json::array removed;
  for (const auto& one : destroyed.plan.removals) removed.emplace_back(one.what);
  return json_text(json::object{{"removed", std::move(removed)}, {"kept", texts(destroyed.plan.kept, words)}});
}

std::string json_of(const ExportedSetup& exported) {
  json::array files;
  for (const auto& file : exported.files) files.emplace_back(file.string());
  return json_text(json::object{{"files", std::move(files)}});
}

}  // namespace portalkey
