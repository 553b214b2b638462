#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/ascii.h"
#include "cli/services.h"
#include "cli/tokens_command.h"

namespace portalkey {
namespace {

using State = TokenOutcome::State;

Result<TokenInventory*> inventory_of(Services& services, std::string_view what) {
  if (auto* inventory = services.tokens().inventory()) return inventory;
  return fail(Errc::invalid_input,
              fmt::format("{} cannot {}: its tokens come and go with their users", services.tokens().name(), what),
              "Use Microsoft Graph (--backend graph); or remove the token and import it again for its new user.");
}

Result<ExitCode> assign(Services& services, const std::string& serial, const std::string& upn, bool dry_run,
                        OutputFormat format) {
  auto inventory = inventory_of(services, "assign a token that is there");
  if (!inventory) return pass(inventory);
  auto listed = services.tokens().list({}, services.deadline());
  if (!listed) return pass(listed);
  TokenOutcome outcome;
  outcome.serial = serial;
  outcome.upn = upn;
  const auto found = std::ranges::find(*listed, serial, &TenantToken::serial);
  if (found == listed->end()) {
    outcome.reason = "the tenant has no token with this serial number";
    outcome.remedy = "Import it with its seed file: portalkey tokens import FILE";
  } else if (!found->user_id.empty() && !same_ignoring_case(found->upn, upn)) {
    outcome.reason = fmt::format("the token is assigned to {}", found->upn.empty() ? found->user_id : found->upn);
    outcome.remedy = fmt::format("Check who has the device; then portalkey tokens unassign {}", serial);
  } else if (!found->user_id.empty()) {
    outcome.state = State::already_uploaded;
    outcome.reason = "is this user's already";
  } else if (dry_run) {
    outcome.state = State::would_import;
    outcome.reason = "would be assigned";
  } else {
    auto done = (*inventory)->assign(*found, upn, services.deadline());
    if (done) {
      outcome.state = State::assigned;
    } else if (done.error().code == Errc::invalid_input || done.error().code == Errc::not_found ||
               done.error().code == Errc::conflict) {
      outcome.reason = done.error().what;
      outcome.remedy = done.error().remedy;
    } else {
      return pass(done);
    }
  }
  return print_outcomes({outcome}, "", format);
}

Result<ExitCode> unassign(Services& services, const std::vector<std::string>& serials, bool dry_run, OutputFormat format) {
  auto inventory = inventory_of(services, "unassign a token");
  if (!inventory) return pass(inventory);
  auto listed = services.tokens().list({}, services.deadline());
  if (!listed) return pass(listed);
  std::vector<TokenOutcome> outcomes;
  for (const auto& serial : serials) {
    if (std::ranges::find(outcomes, serial, &TokenOutcome::serial) != outcomes.end()) continue;  // said twice
    TokenOutcome outcome;
    outcome.serial = serial;
    const auto found = std::ranges::find(*listed, serial, &TenantToken::serial);
    if (found == listed->end()) {
      outcome.reason = "the tenant has no token with this serial number";
    } else if (found->user_id.empty()) {
      outcome.state = State::unassigned;
      outcome.reason = "was nobody's already";
    } else if (dry_run) {
      outcome.upn = found->upn;
      outcome.state = State::would_import;
      outcome.reason = "would be unassigned";
    } else {
      outcome.upn = found->upn;
      auto done = (*inventory)->unassign(*found, services.deadline());
      if (!done && done.error().code != Errc::not_found && done.error().code != Errc::invalid_input) return pass(done);
      auto now = services.tokens().again(*found, services.deadline());
      if (!now) return pass(now);
      if (*now && (*now)->user_id.empty()) {
        outcome.state = State::unassigned;
      } else {
        outcome.reason = done ? "the service answered, but the token is still assigned" : done.error().what;
        outcome.remedy = "Run the same command again in a minute.";
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return print_outcomes(outcomes, "", format);
}

}  // namespace

void add_tokens_assign(CLI::App& tokens, const Globals& globals, Run& run) {
  auto serial = std::make_shared<std::string>();
  auto upn = std::make_shared<std::string>();
  auto dry_run = std::make_shared<bool>(false);
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("assign", "Give a token that nobody has to a user (Microsoft Graph)");
  command->add_option("SERIAL", *serial, "Its serial number")->required();
  command->add_option("--user", *upn, "Who gets it")->required()->type_name("UPN");
  command->add_flag("--dry-run", *dry_run, "Look at the tenant, and tell what would be done");
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& s) { return assign(s, *serial, *upn, *dry_run, *format); });
    };
  });
}

void add_tokens_unassign(CLI::App& tokens, const Globals& globals, Run& run) {
  auto serials = std::make_shared<std::vector<std::string>>();
  auto dry_run = std::make_shared<bool>(false);
  auto format = std::make_shared<OutputFormat>();
  auto* command =
      tokens.add_subcommand("unassign", "Take tokens from their users and keep them in the tenant (Microsoft Graph)");
  command->add_option("SERIAL", *serials, "Serial numbers")->required();
  command->add_flag("--dry-run", *dry_run, "Look at the tenant, and tell what would be done");
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& s) { return unassign(s, *serials, *dry_run, *format); });
    };
  });
}

}  // namespace portalkey
