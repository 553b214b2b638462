#include "app/operations/assign_tokens.h"
#include "cli/jobs/job_output.h"
#include "cli/tokens/tokens_command.h"
#include "cli/tokens/tokens_named.h"

namespace portalkey {
namespace {

struct RemoveCommand {
  NamedTokens named;
  JobOutput output;
};

Result<ExitCode> remove(Tenant& tenant, const RemoveCommand& command) {
  return print_job(tenant, remove_tokens(tenant, {command.named, terms_of(command.output)}), command.output);
}

}  // namespace

void add_tokens_remove(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<RemoveCommand>();
  const auto command = tokens.subcommand("remove", "Remove tokens from the tenant, by serial number or by user");
  add_named_tokens(command, options->named);
  add_consent_option(command, options->output, "Remove these tokens? Their users can no longer sign in with them.");
  add_job_options(command, options->output);
  command.callback([=, &globals, &run] {
    check_named_tokens("tokens remove", options->named);
    check_consent("tokens remove", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return remove(tenant, *options); });
    };
  });
}

}  // namespace portalkey
