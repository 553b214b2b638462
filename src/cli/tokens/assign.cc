#include <fmt/format.h>

#include "app/operations/job_rows.h"
#include "cli/jobs/job_output.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"
#include "cli/tokens/tokens_named.h"

namespace portalkey {
namespace {

struct AssignCommand {
  std::string serial, upn, list;
  std::vector<ColumnName> columns;  ///< what the list calls them
  JobOutput output;
};

struct UnassignCommand {
  NamedTokens named;
  JobOutput output;
};

Result<void> needs_inventory(Tenant& services, std::string_view what) {
  if (services.tokens().inventory() != nullptr) return {};
  return fail(Errc::invalid_input,
              fmt::format("{} cannot {}: its tokens come and go with their users", services.tokens().name(), what),
              "Use Microsoft Graph (--backend graph); or remove the token and import it with --again for its new user.");
}

Result<ExitCode> assign(Tenant& services, const AssignCommand& command) {
  if (auto able = needs_inventory(services, "assign a token that is there"); !able) return pass(able);
  std::vector<JobToken> tokens;
  if (command.list.empty()) {
    tokens.push_back(job_token(TokenChange::assign, command.serial, command.upn));
  } else {
    auto list = AssignmentList::read(command.list, AssignmentList::Users::needed, command.columns);
    if (!list) return pass(list);
    if (list->in_order()) {
      return std::unexpected(Error{Errc::invalid_input,
                                   "the list has no serial numbers",
                                   "Give it columns serial number and upn.",
                                   {{"list", command.list}}});
    }
    for (const auto& entry : list->entries()) {
      if (entry.other_line == 0)
        tokens.push_back(job_token(TokenChange::assign, std::string(entry.serial), std::string(entry.upn), entry.line));
    }
    for (auto problem : list->problems()) {
      problem.file.clear();
      tokens.push_back(refused_token(problem));
    }
  }
  auto taken = services.taken_away();
  if (!taken) return pass(taken);
  const auto tenant = read_tenant(services, services.tokens());
  if (!tenant) return std::unexpected(tenant.error());
  for (auto& token : tokens) {
    if (token.outcome.state == TokenOutcome::State::rejected || find_named(token, *tenant, *taken) != nullptr) continue;
    token.outcome.remedy = "Correct the serial number, or import it with its seed file: portalkey tokens import FILE";
  }
  auto done = start_job(services, services.tokens(), new_job(services, "assign", command.list), std::move(tokens),
                        terms_of(command.output));
  return print_job(services, std::move(done), command.output);
}

Result<ExitCode> unassign(Tenant& services, const UnassignCommand& command) {
  if (auto able = needs_inventory(services, "unassign a token"); !able) return pass(able);
  auto tokens = named_tokens(services, TokenChange::unassign, command.named);
  if (!tokens) return pass(tokens);
  auto done = start_job(services, services.tokens(), new_job(services, "unassign", command.named.list), std::move(*tokens),
                        terms_of(command.output));
  return print_job(services, std::move(done), command.output);
}

}  // namespace

void add_tokens_assign(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<AssignCommand>();
  const auto command = tokens.subcommand("assign", "Give tokens that nobody has to users (Microsoft Graph)");
  const auto serial = command.option("SERIAL", options->serial, "Its serial number");
  const auto user = command.option("--user", options->upn, "Who gets it").type_name("UPN");
  command.option("--list", options->list, "Many of them: a file with columns serial number and upn")
      .type_name("FILE")
      .excludes(serial)
      .excludes(user);
  add_list_columns_option(command, options->columns);
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    if (options->list.empty() && (options->serial.empty() || options->upn.empty()))
      throw WrongUsage("tokens assign", "give a SERIAL and its --user, or a --list");
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& s) { return assign(s, *options); });
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
      return with_tenant(globals, *options->output.format, [&](Tenant& s) { return unassign(s, *options); });
    };
  });
}

}  // namespace portalkey
