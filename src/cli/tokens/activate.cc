#include "app/operations/activate_tokens.h"
#include "cli/jobs/job_output.h"
#include "cli/jobs/outcome_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ActivateCommand {
  SeedInput seeds;
  std::vector<std::string> serials;
  std::string code, next, clocks;
  JobOutput output;
};

Result<ExitCode> activate_from_file(Tenant& tenant, const ActivateCommand& command) {
  return print_job(
      tenant,
      activate_from_seeds(
          tenant, {command.seeds, command.serials, command.clocks, {command.code, command.next}, terms_of(command.output)}),
      command.output);
}

Result<ExitCode> activate_one(Tenant& tenant, const ActivateCommand& command) {
  auto outcome = activate_with_code(tenant, {command.serials.front(), command.code, command.output.dry_run});
  if (!outcome) return pass(outcome);
  return print_outcomes({std::move(*outcome)}, {.of = {}, .format = *command.output.format, .all = true});
}

}  // namespace

void add_tokens_activate(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ActivateCommand>();
  const auto command =
      tokens.subcommand("activate", "Activate uploaded tokens: from their seed file, or one with the code its device shows");
  add_seed_file_options(command, options->seeds).required(false);
  command.option("--serial", options->serials, "Only these serial numbers").type_name("SERIAL");
  command
      .option(
          "--code", options->code,
          "The six digits the device shows now (with one --serial). With FILE the code for the device's own time is computed; "
          "without, this one is sent")
      .type_name("CODE");
  command.option("--next", options->next, "The code it shows after that one; type both when it is there (with FILE)")
      .type_name("CODE");
  add_clocks_option(command, options->clocks);
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    const auto& code = options->code;
    const bool from_file = !options->seeds.file.empty();
    if (code.empty() && !from_file)
      throw WrongUsage("tokens activate", "give a seed FILE, or --serial and --code, or all of them");
    if (!from_file && !options->clocks.empty()) throw WrongUsage("--clocks", "needs the seed FILE");
    if (!options->next.empty() && (code.empty() || !from_file)) throw WrongUsage("--next", "needs the seed FILE and --code");
    if (!code.empty() && !options->clocks.empty()) throw WrongUsage("--code", "and --clocks do not go together");
    if (!code.empty() && options->serials.size() != 1) throw WrongUsage("--code", "needs exactly one --serial");
    for (const auto& [name, digits] : {std::pair("--code", &options->code), std::pair("--next", &options->next)}) {
      if (!digits->empty() && (digits->size() != 6 || digits->find_first_not_of("0123456789") != std::string::npos))
        throw WrongUsage(name, "takes the six digits the device shows");
    }
    if (!from_file && !options->output.report.empty()) throw WrongUsage("--report", "is about a FILE of tokens");
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) {
        return options->seeds.file.empty() ? activate_one(tenant, *options) : activate_from_file(tenant, *options);
      });
    };
  });
}

}  // namespace portalkey
