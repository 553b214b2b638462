#include "cli/setup/setup_output.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <sstream>

#include "base/foreign_text.h"
#include "base/json_text.h"
#include "cli/terminal/references.h"

namespace portalkey {
namespace {

boost::json::array steps_json(const std::vector<Step>& steps, const std::string& config, std::string_view profile_state) {
  boost::json::array out;
  for (const auto& step : steps) {
    boost::json::array changes;
    for (const auto& change : step.changes) {
      changes.push_back(
          boost::json::object{{"property", change.property}, {"from", foreign_text(change.from)}, {"to", change.to}});
    }
    out.push_back(boost::json::object{{"step", name_of(step.part)},
                                      {"what", step.what},
                                      {"state", name_of(step.state)},
                                      {"changes", std::move(changes)},
                                      {"why", in_commands(step.why)}});
  }
  out.push_back(boost::json::object{
      {"step", "profile"}, {"what", config}, {"state", profile_state}, {"changes", boost::json::array()}, {"why", ""}});
  return out;
}

std::string steps_table(const std::vector<Step>& steps, const std::string& config, std::string_view profile_state) {
  Table table({"STATE", "WHAT", "WHY"});
  for (const auto& step : steps) table.add({std::string(name_of(step.state)), step.what, in_commands(step.why)});
  table.add({std::string(profile_state), "profile in " + config, ""});
  // What changes stands below its row and beside no column: resource ids are long.
  std::istringstream rows(table.text());
  std::string text, row;
  const auto copy_row = [&] { text += std::getline(rows, row) ? row + '\n' : ""; };
  copy_row();
  for (const auto& step : steps) {
    copy_row();
    for (const auto& change : step.changes) {
      text += fmt::format("          {}: {}{}\n", harmless(change.property),
                          change.from.empty() ? "" : foreign_text(change.from) + " -> ", harmless(change.to));
    }
  }
  copy_row();
  return text;
}

std::size_t count(const std::vector<Step>& steps, std::string_view profile_state) {
  std::size_t changes = profile_state == "exists" ? 0 : 1;
  for (const auto& step : steps) changes += step.state == Step::State::create || step.state == Step::State::change ? 1 : 0;
  return changes;
}

}  // namespace

std::string plan_text(const Plan& plan, const std::string& config, std::string_view profile_state, OutputFormat format) {
  const std::size_t changes = count(plan.steps, profile_state);
  if (format == OutputFormat::json) {
    boost::json::array warnings;
    for (const auto& warning : plan.warnings) warnings.emplace_back(in_commands(warning));
    return json_text(boost::json::object{{"changes", changes},
                                         {"blocked", plan.blocked()},
                                         {"steps", steps_json(plan.steps, config, profile_state)},
                                         {"warnings", std::move(warnings)}});
  }
  return steps_table(plan.steps, config, profile_state) +
         (plan.blocked() > 0
              ? fmt::format("\n{} of these cannot be done; portalkey setup apply would change nothing.\n", plan.blocked())
          : changes == 0 ? "\nEverything is as it should be.\n"
                         : fmt::format("\n{} to create or change. Nothing was changed.\n", changes));
}

std::string result_text(const SetupResult& result, OutputFormat format) {
  const std::size_t changes = count(result.steps, result.profile_state);
  if (format == OutputFormat::json) {
    return json_text(boost::json::object{{"changes", changes},
                                         {"steps", steps_json(result.steps, result.config, result.profile_state)},
                                         {"tenant", result.tenant},
                                         {"subscription", result.subscription},
                                         {"vault", result.vault_url},
                                         {"clientId", result.client_id},
                                         {"credentialFile", result.credential_file},
                                         {"config", result.config},
                                         {"profile", result.profile},
                                         {"consent", result.consent},
                                         {"next", result.next}});
  }
  std::string out = steps_table(result.steps, result.config, result.profile_state);
  out += changes == 0 ? "\nEverything was as it should be.\n" : fmt::format("\n{} created or changed.\n", changes);
  return out + fmt::format("Vault: {}\nNext: {}\n", harmless(result.vault_url), result.next);
}

}  // namespace portalkey
