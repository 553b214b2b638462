#include "app/operations/replace_tokens.h"

#include <algorithm>

#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ReplaceCommand {
  TokenReplacements wanted;
  JobOutput output;
};

Result<ExitCode> replace(Tenant& tenant, ReplaceCommand& command) {
  command.wanted.terms = terms_of(command.output);
  return print_job(tenant, replace_tokens(tenant, command.wanted), command.output);
}

}  // namespace

void add_tokens_replace(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ReplaceCommand>();
  const auto command = tokens.subcommand("replace", "Give users new tokens; the old ones go when the new ones are active");
  options->wanted.seeds.replaces = true;
  add_seed_file_options(command, options->wanted.seeds);
  const auto user = command.option("--user", options->wanted.upn, "Whose token").type_name("UPN");
  const auto old = command.option("--old", options->wanted.old_serial, "The token that goes").type_name("SERIAL");
  const auto fresh =
      command.option("--new", options->wanted.new_serial, "The token that comes; FILE has its secret key").type_name("SERIAL");
  command
      .option("--list", options->wanted.list,
              "Many of them: a file with columns serial number (the new token), upn and replaces (the old token)")
      .type_name("FILE")
      .excludes(user)
      .excludes(old)
      .excludes(fresh);
  add_consent_option(command, options->output, "Do this? An old token goes only when its new one is active.");
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    const bool one = !options->wanted.upn.empty() && !options->wanted.old_serial.empty() && !options->wanted.new_serial.empty();
    if (options->wanted.list.empty() && !one) throw WrongUsage("tokens replace", "give --user, --old and --new, or a --list");
    const auto& columns = options->wanted.seeds.options.columns;
    if (options->wanted.list.empty() && std::ranges::find(columns, Column::replaces, &ColumnName::column) != columns.end())
      throw WrongUsage("--map", "replaces is a column of a --list");
    if (one && options->wanted.old_serial == options->wanted.new_serial)
      throw WrongUsage("tokens replace", "--old and --new are the same serial number");
    check_consent("tokens replace", options->output);
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& tenant) { return replace(tenant, *options); });
    };
  });
}

}  // namespace portalkey
