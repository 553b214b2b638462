#include "app/operations/import_seeds.h"
#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ImportCommand {
  SeedInput seeds;
  bool only_upload = false;
  std::string clocks;
  JobOutput output;
};

Result<ExitCode> run_import(Tenant& tenant, const ImportCommand& command) {
  return print_job(tenant,
                   import_seeds(tenant, {command.seeds, !command.only_upload, command.clocks, terms_of(command.output)}),
                   command.output);
}

}  // namespace

void add_tokens_import(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ImportCommand>();
  const auto command = tokens.subcommand("import", "From a seed file to activated tokens; running it again changes nothing");
  add_seed_file_options(command, options->seeds);
  add_serial_option(command, options->seeds);
  command
      .option(
          "--until", [options](const std::string& state) { options->only_upload = state == "uploaded"; },
          "Stop when the tokens are uploaded, or go on until they are active (the default)")
      .one_of({"uploaded", "active"})
      .type_name("STATE");
  add_clocks_option(command, options->clocks);
  add_again_option(command, options->output);
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return run_import(tenant, *options); });
    };
  });
}

}  // namespace portalkey
