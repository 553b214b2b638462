#include "cli/setup/setup_output.h"

#include <fmt/format.h>

#include <sstream>

#include "base/foreign_text.h"
#include "cli/terminal/output.h"
#include "cli/terminal/references.h"

namespace portalkey {
namespace {

std::string steps_table(const std::vector<Step>& steps, const ProfileChange& profile) {
  Table table({"STATE", "WHAT", "WHY"});
  for (const auto& step : steps) table.add({std::string(name_of(step.state)), step.what, in_commands(step.why)});
  table.add({std::string(profile.state()), "profile in " + profile.config.string(), ""});
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

}  // namespace

std::string text_of(const PlannedSetup& planned) {
  const auto blocked = planned.plan.blocked();
  return steps_table(planned.plan.steps, planned.profile) +
         (blocked > 0 ? fmt::format("\n{} of these cannot be done; portalkey setup apply would change nothing.\n", blocked)
          : planned.changes() == 0 ? "\nEverything is as it should be.\n"
                                   : fmt::format("\n{} to create or change. Nothing was changed.\n", planned.changes()));
}

std::string text_of(const AppliedSetup& applied, const std::string& next) {
  std::string out = steps_table(applied.steps, applied.profile);
  out += applied.changes() == 0 ? "\nEverything was as it should be.\n"
                                : fmt::format("\n{} created or changed.\n", applied.changes());
  return out + fmt::format("Vault: {}\nNext: {}\n", harmless(applied.vault_url), next);
}

}  // namespace portalkey
