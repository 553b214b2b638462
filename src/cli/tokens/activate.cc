#include <fmt/format.h>

#include <algorithm>

#include "cli/jobs/job_run.h"
#include "cli/tokens/seed_options.h"
#include "cli/tokens/tokens_command.h"

namespace portalkey {
namespace {

struct ActivateCommand {
  SeedInput seeds;
  std::vector<std::string> serials;
  std::string code;
  JobOutput output;
};

Result<ExitCode> activate_from_file(Tenant& services, const ActivateCommand& command) {
  auto rows = read_seeds_to_send(command.seeds);
  if (!rows) return pass(rows);
  std::vector<std::string_view> there;
  for (const auto& seed : rows->tokens) there.push_back(seed.serial);
  std::vector<std::string> serials;  // as the file writes them
  std::vector<std::string> nearly;
  for (const auto& serial : command.serials) {
    const auto match = match_serial(serial, there);
    if (!match.serial.empty() && match.serial != serial)
      warn(fmt::format("{} is taken for {}, as the file writes it", serial, match.serial));
    serials.push_back(match.serial.empty() ? serial : match.serial);
    nearly.push_back(nearly_text(match));
  }
  const auto asked_for = [&](const std::string& serial) {
    return serials.empty() || std::ranges::find(serials, serial) != serials.end();
  };
  std::vector<JobToken> tokens;
  for (auto& seed : rows->tokens) {
    if (!asked_for(seed.serial)) continue;
    auto why = services.tokens().why_not(seed);
    auto token = job_token(TokenChange::activate, std::move(seed));
    tokens.push_back(why.empty() ? std::move(token)
                                 : refused_token(std::move(token), OutcomeCode::unsupported_token, std::move(why)));
  }
  for (const auto& problem : rows->problems) {
    if (!problem.warning && asked_for(problem.serial)) tokens.push_back(refused_token(problem));
  }
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (std::ranges::any_of(tokens, [&](const auto& token) { return token.outcome.serial == serials[i]; })) continue;
    tokens.push_back(refused_token(job_token(TokenChange::activate, serials[i], {}), OutcomeCode::unusable_row,
                                   "the file has no usable row with this serial number" + nearly[i],
                                   "See portalkey tokens validate FILE"));
  }
  return start_job(services, new_job(services, "activate", command.seeds.file), std::move(tokens), command.output);
}

/// No job: a code is of no use a minute later.
Result<ExitCode> activate_with_code(Tenant& services, const ActivateCommand& command) {
  TokenDirectory& tokens = services.tokens();
  const auto& serial = command.serials.front();
  const auto tenant = read_tenant(services);
  if (!tenant) return std::unexpected(tenant.error());
  const auto match = tenant->match(serial);
  const auto found = tenant->find(match.serial);
  if (found == nullptr) {
    return std::unexpected(Error{Errc::not_found,
                                 "the tenant has no token with this serial number" + nearly_text(match),
                                 "See portalkey tokens list.",
                                 {{"serial number", serial}}});
  }
  if (match.serial != serial) warn(fmt::format("{} is taken for {}, as the tenant writes it", serial, match.serial));
  TokenOutcome outcome;
  outcome.serial = found->serial;
  outcome.upn = found->upn;
  outcome.state = TokenOutcome::State::already_active;
  if (!found->active && command.output.dry_run) {
    outcome.state = TokenOutcome::State::would_do;
    outcome.reason = "would be activated with this code";
  } else if (!found->active) {
    if (auto done = tokens.activate(*found, [&] { return command.code; }, services.deadline()); !done) {
      if (done.error().code != Errc::invalid_input) return pass(done);
      outcome.state = TokenOutcome::State::failed;
      outcome.reason = "the code was refused: " + done.error().what;
      outcome.remedy =
          "Type the code while the device shows it; if that fails again, the device's clock or the stored secret key is wrong.";
    } else {
      outcome.state = TokenOutcome::State::active;
    }
  }
  return print_outcomes({outcome}, {.file = {}, .job = {}, .ended = {}, .format = *command.output.format, .all = true});
}

}  // namespace

void add_tokens_activate(Command tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ActivateCommand>();
  const auto command =
      tokens.subcommand("activate", "Activate uploaded tokens: from their seed file, or one with the code its device shows");
  add_seed_file_options(command, options->seeds).required(false);
  command.option("--serial", options->serials, "Only these serial numbers").type_name("SERIAL");
  command.option("--code", options->code, "The six digits the device shows now (with one --serial and no FILE)")
      .type_name("CODE");
  add_job_options(command, options->output);
  add_every_row_option(command, options->output);
  command.callback([=, &globals, &run] {
    const auto& code = options->code;
    if (code.empty() == options->seeds.file.empty())
      throw WrongUsage("tokens activate", "give either a seed FILE, or --serial and --code");
    if (!code.empty() && options->serials.size() != 1) throw WrongUsage("--code", "needs exactly one --serial");
    if (!code.empty() && (code.size() != 6 || code.find_first_not_of("0123456789") != std::string::npos))
      throw WrongUsage("--code", "takes the six digits the device shows");
    if (!code.empty() && !options->output.report.empty()) throw WrongUsage("--report", "is about a FILE of tokens");
    run = [=, &globals] {
      return with_tenant(globals, *options->output.format, [&](Tenant& services) {
        return options->code.empty() ? activate_from_file(services, *options) : activate_with_code(services, *options);
      });
    };
  });
}

}  // namespace portalkey
