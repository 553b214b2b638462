#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/ascii.h"
#include "cli/progress_line.h"
#include "cli/seed_rows.h"
#include "cli/services.h"
#include "cli/tokens_command.h"
#include "jobs/import.h"

namespace portalkey {
namespace {

struct ReplaceCommand {
  SeedInput seeds;
  std::string upn, old_serial, new_serial;
  bool dry_run = false;
};

/// The new token's row, for this user.
Result<std::vector<TokenSeed>> new_token(const ReplaceCommand& command) {
  auto rows = read_seed_rows(command.seeds);
  if (!rows) return pass(rows);
  std::vector<TokenSeed> chosen;
  for (auto& seed : rows->tokens) {
    if (seed.serial == command.new_serial) chosen.push_back(std::move(seed));
  }
  if (chosen.size() != 1) {
    return std::unexpected(
        Error{Errc::invalid_input,
              fmt::format("the file has {} usable rows with the serial number {}", chosen.size(), command.new_serial),
              "See portalkey tokens validate FILE.",
              {{"file", command.seeds.file}}});
  }
  if (!chosen[0].upn.empty() && !same_ignoring_case(chosen[0].upn, command.upn)) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the file gives the token {} to {}", command.new_serial, chosen[0].upn),
                                 "Check who has the device.",
                                 {{"file", command.seeds.file}}});
  }
  chosen[0].upn = command.upn;
  return chosen;
}

Result<ExitCode> replace(Services& services, const ReplaceCommand& command, OutputFormat format) {
  auto seeds = new_token(command);
  if (!seeds) return pass(seeds);
  TokenDirectory& tokens = services.tokens();
  auto before = tokens.list({}, services.deadline());
  if (!before) return pass(before);
  TokenOutcome old;
  old.serial = command.old_serial;
  old.upn = command.upn;
  const auto found = std::ranges::find(*before, command.old_serial, &TenantToken::serial);
  if (found != before->end() && !same_ignoring_case(found->upn, command.upn)) {
    return fail(Errc::invalid_input,
                fmt::format("the token {} is assigned to {}, not to {}", command.old_serial,
                            found->upn.empty() ? "nobody" : found->upn, command.upn),
                "Check the serial number and the user; nothing was changed.");
  }

  ImportOptions options;
  options.dry_run = command.dry_run;
  options.upload_patience = services.profile().upload_timeout;
  auto pace = services.pace();
  if (!pace) return pass(pace);
  options.pace = pace->get();
  ImportReport report;
  {
    ProgressLine progress(services.clock());
    report = import_tokens(*seeds, tokens, options, services.clock(), services.random(), progress, services.stop());
  }
  const TokenOutcome& fresh = report.outcomes.front();
  const bool in_place = fresh.state == TokenOutcome::State::active || fresh.state == TokenOutcome::State::already_active;
  if (command.dry_run && found != before->end()) {
    old.state = TokenOutcome::State::would_import;
    old.reason = "would be removed when the new one is active";
  } else if (found == before->end()) {
    old.state = TokenOutcome::State::removed;
    old.reason = "was not in the tenant any more";
  } else if (!in_place) {
    old.state = TokenOutcome::State::not_done;
    old.reason = "kept: the new token is not active";
    old.remedy = fresh.remedy;
  } else {
    auto removed = tokens.remove(*found, services.deadline());
    auto now = tokens.again(*found, services.deadline());
    if (now && !*now) {
      old.state = TokenOutcome::State::removed;
    } else {
      old.reason = !removed ? removed.error().what : "the service answered, but the token is still there";
      old.remedy = "Run the same command again: the new token is active, and only the old one is left to remove.";
    }
  }
  const ExitCode code = print_outcomes({fresh, old}, "", format);
  if (report.stopped) return std::unexpected(std::move(*report.stopped));
  return code;
}

}  // namespace

void add_tokens_replace(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ReplaceCommand>();
  auto format = std::make_shared<OutputFormat>();
  auto* command = tokens.add_subcommand("replace", "Give a user a new token; the old one goes when the new one is active");
  add_seed_file_options(*command, options->seeds);
  command->add_option("--user", options->upn, "Whose token")->required()->type_name("UPN");
  command->add_option("--old", options->old_serial, "The token that goes")->required()->type_name("SERIAL");
  command->add_option("--new", options->new_serial, "The token that comes; FILE has its secret key")
      ->required()
      ->type_name("SERIAL");
  command->add_flag("--dry-run", options->dry_run, "Read the file and the tenant, and tell what would be done");
  add_output_option(*command, format, false);
  command->callback([=, &globals, &run] {
    if (options->old_serial == options->new_serial)
      throw CLI::ValidationError("tokens replace", "--old and --new are the same serial number");
    run = [=, &globals] {
      return with_services(globals, *format, [&](Services& services) { return replace(services, *options, *format); });
    };
  });
}

}  // namespace portalkey
