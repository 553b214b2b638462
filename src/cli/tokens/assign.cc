#include "app/operations/assign_tokens.h"
#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"
#include "cli/tokens/tokens_named.h"

namespace portalkey {
namespace {

struct AssignCommand {
  TokenAssignment wanted;
  JobOutput output;
};

struct UnassignCommand {
  NamedTokens named;
  JobOutput output;
};

Result<ExitCode> assign(Tenant& tenant, AssignCommand& command) {
  command.wanted.terms = terms_of(command.output);
  return print_job(tenant, assign_tokens(tenant, command.wanted), command.output);
}

Result<ExitCode> unassign(Tenant& tenant, const UnassignCommand& command) {
  return print_job(tenant, unassign_tokens(tenant, {command.named, terms_of(command.output)}), command.output);
}

}  // namespace

void add_tokens_assign(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<AssignCommand>();
  const auto command = tokens.subcommand("assign", "Give tokens that nobody has to users (Microsoft Graph)");
  const auto serial = command.option("SERIAL", options->wanted.serial, "Its serial number");
  const auto user = command.option("--user", options->wanted.upn, "Who gets it").type_name("UPN");
  command.option("--list", options->wanted.list, "Many of them: a file with columns serial number and upn")
      .type_name("FILE")
      .excludes(serial)
      .excludes(user);
  add_list_columns_option(command, options->wanted.columns);
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    if (options->wanted.list.empty() && (options->wanted.serial.empty() || options->wanted.upn.empty()))
      throw WrongUsage("tokens assign", "give a SERIAL and its --user, or a --list");
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return assign(tenant, *options); });
    };
  });
}

void add_tokens_unassign(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<UnassignCommand>();
  const auto command =
      tokens.subcommand("unassign", "Take tokens from their users and keep them in the tenant (Microsoft Graph)");
  add_named_tokens(command, options->named);
  add_consent_option(command, options->output, "Take these tokens from their users? They can no longer sign in with them.");
  add_job_options(command, options->output);
  command.callback([=, &globals, &run] {
    check_named_tokens("tokens unassign", options->named);
    check_consent("tokens unassign", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return unassign(tenant, *options); });
    };
  });
}

}  // namespace portalkey
