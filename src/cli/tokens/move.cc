#include "app/operations/move_tokens.h"

#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct MoveCommand {
  TokenMove move;
  std::string to;
  JobOutput output;
};

Result<ExitCode> move(Tenant& tenant, MoveCommand& command) {
  command.move.terms = terms_of(command.output);
  return print_job(tenant, move_tokens(tenant, command.move), command.output);
}

}  // namespace

void add_tokens_move(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<MoveCommand>();
  const auto command = tokens.subcommand(
      "move", "Move tokens that came by CSV to Microsoft Graph; each leaves the portal when it is active there");
  add_seed_file_options(command, options->move.seeds);
  command.option("--to", options->to, "graph: there is no way back but an import")
      .required()
      .one_of({"graph"})
      .type_name("BACKEND");
  add_consent_option(command, options->output,
                     "Move these tokens? Each is removed from the portal when it is active in Microsoft Graph.");
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    check_consent("tokens move", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return move(tenant, *options); });
    };
  });
}

}  // namespace portalkey
