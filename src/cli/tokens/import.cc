#include <fmt/format.h>

#include "cli/jobs/job_run.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ImportCommand {
  SeedInput seeds;
  bool only_upload = false;
  JobOutput output;
};

Result<ExitCode> run_import(Tenant& services, const ImportCommand& command) {
  auto rows = read_seeds_to_send(command.seeds);
  if (!rows) return pass(rows);
  for (const auto& problem : rows->problems) {
    if (!problem.warning) continue;
    warn(fmt::format("{}{}line {}: {}: {}", problem.file, problem.file.empty() ? "" : ", ", problem.line, problem.field,
                     problem.what));
  }
  std::vector<JobToken> tokens;
  for (auto& seed : rows->tokens) {
    auto why = services.tokens().why_not(seed);
    const bool graph_would = services.profile().backend == Backend::portal && why_not_graph(seed).empty();
    std::string remedy = graph_would ? "Microsoft Graph takes it: --backend graph." : remedy_for_entra(seed);
    auto token = job_token(TokenChange::create, std::move(seed));
    tokens.push_back(why.empty()
                         ? std::move(token)
                         : refused_token(std::move(token), OutcomeCode::unsupported_token, std::move(why), std::move(remedy)));
  }
  for (const auto& problem : rows->problems) {
    if (!problem.warning) tokens.push_back(refused_token(problem));
  }
  Job job = new_job(services, "import", command.seeds.file);
  job.activate = !command.only_upload;
  return start_job(services, std::move(job), std::move(tokens), command.output);
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
  add_again_option(command, options->output);
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& services) { return run_import(services, *options); });
    };
  });
}

}  // namespace portalkey
