#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "base/ascii.h"
#include "cli/services.h"
#include "cli/tokens_command.h"

namespace portalkey {
namespace {

struct RemoveOptions {
  std::vector<std::string> serials;
  std::string user;
  bool yes = false;
};

bool person_agrees(const std::vector<TokenOutcome>& outcomes) {
  for (const auto& outcome : outcomes) say(fmt::format("  {} of {}\n", outcome.serial, outcome.upn));
  say(fmt::format("Remove these tokens? Their users can no longer sign in with them. [y/N] "));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<ExitCode> remove(Services& services, const RemoveOptions& options, OutputFormat format) {
  TokenDirectory& tokens = services.tokens();
  auto before = tokens.list({}, services.deadline());
  if (!before) return pass(before);
  std::vector<TokenOutcome> outcomes;
  std::vector<const TenantToken*> chosen;
  for (const auto& serial : options.serials) {
    if (std::ranges::find(outcomes, serial, &TokenOutcome::serial) != outcomes.end()) continue;  // said twice
    const auto found = std::ranges::find(*before, serial, &TenantToken::serial);
    TokenOutcome outcome;
    outcome.serial = serial;
    if (found == before->end()) {
      outcome.reason = "the tenant has no token with this serial number";
    } else if (!options.user.empty() && !same_ignoring_case(found->upn, options.user)) {
      outcome.upn = found->upn;
      outcome.reason = fmt::format("the token is assigned to {}, not to {}", found->upn, options.user);
      outcome.remedy = "Check who has the device.";
    } else {
      outcome.upn = found->upn;
    }
    chosen.push_back(outcome.reason.empty() ? &*found : nullptr);
    outcomes.push_back(std::move(outcome));
  }
  if (!options.yes && !person_agrees(outcomes)) return fail(Errc::cancelled, "nothing was removed");

  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (chosen[i] == nullptr) continue;
    auto removed = tokens.remove(*chosen[i], services.deadline());
    // Refused, lost or already gone: the list below tells. Anything else stops the run.
    const bool settled_below = removed || removed.error().code == Errc::invalid_input ||
                               removed.error().code == Errc::unavailable || removed.error().code == Errc::not_found;
    if (!settled_below) return pass(removed);
    if (!removed) outcomes[i].reason = removed.error().what;
  }
  auto after = tokens.list({}, services.deadline());  // the request's body is not recorded anywhere: look whether it worked
  if (!after) return pass(after);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (chosen[i] == nullptr) continue;
    const bool gone = std::ranges::find(*after, chosen[i]->oath_id, &TenantToken::oath_id) == after->end();
    if (gone) {
      outcomes[i].state = TokenOutcome::State::removed;
      outcomes[i].reason.clear();
    } else {
      if (outcomes[i].reason.empty()) outcomes[i].reason = "the service answered, but the token is still there";
      outcomes[i].remedy = "Remove it in the portal; this call of the unsupported API is the least known one.";
    }
  }
  return print_outcomes(outcomes, "", format);
}

}  // namespace

void add_tokens_remove(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<RemoveOptions>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("remove", "Remove tokens from the tenant by serial number");
  command->add_option("SERIAL", options->serials, "Serial numbers")->required();
  command->add_option("--user", options->user, "Refuse tokens that are not this user's")->type_name("UPN");
  command->add_flag("-y,--yes", options->yes, "Do not ask (needed where there is no terminal)");
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    if (!options->yes && !stderr_is_terminal())
      throw CLI::ValidationError("tokens remove", "there is no terminal to ask on: add --yes");
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) { return remove(services, *options, *format); });
    };
  });
}

}  // namespace portalkey
