#include "app/operations/leave_tokens.h"

#include <fmt/format.h>

#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct LeaveCommand {
  Leavers leavers;
  JobOutput output;
};

Result<ExitCode> leave(Tenant& tenant, LeaveCommand& command) {
  command.leavers.terms = terms_of(command.output);
  auto done = leave_tokens(tenant, command.leavers);
  const bool none = done && done->tokens.empty() && !done->stopped;
  if (none && *command.output.format == OutputFormat::table) {
    say(fmt::format("{} has no token: there is nothing to do.\n", harmless(command.leavers.user)));
    return ExitCode::done;
  }
  return print_job(tenant, std::move(done), command.output);
}

}  // namespace

void add_tokens_leave(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<LeaveCommand>();
  const auto command = tokens.subcommand(
      "leave", "Somebody leaves: take every token of theirs, for others to have (Microsoft Graph) or out of the tenant");
  const auto user = command.option("UPN", options->leavers.user, "Who leaves; of somebody who no longer exists the object id");
  command.option("--list", options->leavers.list, "Many of them: a file of UPNs").type_name("FILE").excludes(user);
  add_list_columns_option(command, options->leavers.columns);
  command.flag("--remove", options->leavers.remove,
               "Take the tokens out of the tenant also where they could stay for others; the portal always does");
  add_consent_option(command, options->output,
                     "Take these tokens from people who leave? They can no longer sign in with them.");
  add_job_options(command, options->output);
  command.callback([=, &globals, &run] {
    if (options->leavers.user.empty() && options->leavers.list.empty())
      throw WrongUsage("tokens leave", "give a UPN, or a --list");
    check_consent("tokens leave", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return leave(tenant, *options); });
    };
  });
}

}  // namespace portalkey
