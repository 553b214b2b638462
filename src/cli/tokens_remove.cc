#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <iostream>

#include "base/ascii.h"
#include "cli/job_run.h"
#include "cli/tokens_command.h"
#include "cli/tokens_named.h"
#include "jobs/tenant_check.h"

namespace portalkey {
namespace {

struct RemoveCommand {
  NamedTokens named;
  bool yes = false;
  JobOutput output;
};

bool person_agrees(const std::vector<JobToken>& tokens) {
  constexpr std::size_t kShown = 20;
  std::size_t count = 0;
  for (const auto& token : tokens) {
    if (token.outcome.state != TokenOutcome::State::not_done) continue;
    if (++count <= kShown) say(fmt::format("  {} of {}\n", token.outcome.serial, token.from.empty() ? "nobody" : token.from));
  }
  if (count > kShown) say(fmt::format("  and {} more\n", count - kShown));
  say(fmt::format("Remove these tokens? Their users can no longer sign in with them. [y/N] "));
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

Result<ExitCode> remove(Services& services, const RemoveCommand& command) {
  auto tokens = named_tokens(TokenChange::remove, command.named);
  if (!tokens) return pass(tokens);
  TenantCheck tenant;
  if (auto read = tenant.read(services.tokens(), services.deadline()); !read) return pass(read);
  for (auto& token : *tokens) {
    if (token.outcome.state == TokenOutcome::State::rejected) continue;
    const auto* found = tenant.find(token.outcome.serial);
    if (found == nullptr) {
      token = refused_token(std::move(token), "the tenant has no token with this serial number", "See portalkey tokens list.");
    } else if (!token.from.empty() && !same_ignoring_case(found->upn, token.from)) {
      auto reason = fmt::format("the token is assigned to {}, not to {}", found->upn, token.from);
      token.outcome.upn = found->upn;
      token = refused_token(std::move(token), std::move(reason), "Check who has the device.");
    } else {
      token.outcome.upn = found->upn;
      token.from = found->upn.empty() ? found->user_id : found->upn;
    }
  }
  if (!command.yes && !command.output.dry_run && !person_agrees(*tokens)) return fail(Errc::cancelled, "nothing was removed");
  return start_job(services, new_job(services, "remove", command.named.list), std::move(*tokens), command.output);
}

}  // namespace

void add_tokens_remove(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<RemoveCommand>();
  auto* command = tokens.add_subcommand("remove", "Remove tokens from the tenant by serial number");
  add_named_tokens(*command, options->named);
  command->add_flag("-y,--yes", options->yes, "Do not ask (needed where there is no terminal)");
  add_job_options(*command, options->output);
  command->callback([=, &globals, &run] {
    check_named_tokens("tokens remove", options->named);
    if (!options->yes && !options->output.dry_run && !stderr_is_terminal())
      throw CLI::ValidationError("tokens remove", "there is no terminal to ask on: add --yes");
    run = [=, &globals] {
      return with_services(globals, *options->output.format, [&](Services& services) { return remove(services, *options); });
    };
  });
}

}  // namespace portalkey
