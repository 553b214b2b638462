#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <unordered_map>

#include "base/ascii.h"
#include "cli/job_run.h"
#include "cli/seed_rows.h"
#include "cli/tokens_command.h"
#include "jobs/tenant_check.h"
#include "oath/assignment/assignment_list.h"

namespace portalkey {
namespace {

struct ReplaceCommand {
  SeedInput seeds;
  std::string upn, old_serial, new_serial;
  std::string list;  ///< who gets which new token for which old one; empty: the three above
  JobOutput output;
};

struct Replacement {
  std::int64_t line = 0;  ///< in the list
  std::string upn, old_serial, new_serial;
};

/// A list's rows that are of no use are told in `tokens`.
Result<std::vector<Replacement>> replacements(const ReplaceCommand& command, std::vector<JobToken>& tokens) {
  if (command.list.empty()) return std::vector{Replacement{0, command.upn, command.old_serial, command.new_serial}};
  auto list = AssignmentList::read(command.list);
  if (!list) return pass(list);
  std::vector<Replacement> out;
  bool any = false;
  for (const auto& entry : list->entries()) {
    any = any || !entry.replaces.empty();
    if (entry.other_line == 0) out.push_back({entry.line, entry.upn, entry.replaces, entry.serial});
  }
  if (list->in_order() || !any) {
    return std::unexpected(Error{Errc::invalid_input,
                                 "the list does not say which tokens are replaced",
                                 "Give it columns serial number (the new token), upn and replaces (the old token).",
                                 {{"list", command.list}}});
  }
  for (auto problem : list->problems()) {
    problem.file.clear();
    tokens.push_back(refused_token(problem));
  }
  return out;
}

/// Why this one cannot be done; nullopt: it can.
std::optional<Error> problem_of(const Replacement& wanted, const TokenSeed* seed, std::size_t rows, const TenantCheck& tenant) {
  if (seed == nullptr || rows != 1) {
    return Error{Errc::invalid_input,
                 fmt::format("the file has {} usable rows with the serial number {}", rows, wanted.new_serial),
                 "See portalkey tokens validate FILE.",
                 {}};
  }
  if (!seed->upn.empty() && !same_ignoring_case(seed->upn, wanted.upn)) {
    return Error{Errc::invalid_input,
                 fmt::format("the file gives the token {} to {}", wanted.new_serial, seed->upn),
                 "Check who has the device.",
                 {}};
  }
  if (wanted.old_serial.empty())
    return Error{Errc::invalid_input, "the list does not say which token is replaced", "Fill in the column replaces.", {}};
  if (wanted.old_serial == wanted.new_serial)
    return Error{Errc::invalid_input, "the old and the new token are the same", "Correct the serial numbers.", {}};
  const auto* old = tenant.find(wanted.old_serial);
  if (old != nullptr && !same_ignoring_case(old->upn, wanted.upn)) {
    return Error{Errc::invalid_input,
                 fmt::format("the token {} is assigned to {}, not to {}", wanted.old_serial,
                             old->upn.empty() ? "nobody" : old->upn, wanted.upn),
                 "Check the serial number and the user; nothing was changed.",
                 {}};
  }
  return std::nullopt;
}

Result<ExitCode> replace(Services& services, const ReplaceCommand& command) {
  auto rows = read_seed_rows(command.seeds);
  if (!rows) return pass(rows);
  std::vector<JobToken> tokens;
  auto wanted = replacements(command, tokens);
  if (!wanted) return pass(wanted);
  TenantCheck tenant;
  if (auto read = tenant.read(services.tokens(), services.deadline()); !read) return pass(read);
  std::unordered_map<std::string, std::vector<TokenSeed*>> by_serial;
  for (auto& seed : rows->tokens) by_serial[seed.serial].push_back(&seed);

  for (const auto& one : *wanted) {
    const auto found = by_serial.find(one.new_serial);
    const std::size_t count = found == by_serial.end() ? 0 : found->second.size();
    TokenSeed* seed = count == 0 ? nullptr : found->second.front();
    if (auto problem = problem_of(one, seed, count, tenant)) {
      if (command.list.empty()) return std::unexpected(std::move(*problem).with("file", command.seeds.file));
      tokens.push_back(refused_token(job_token(TokenChange::create, one.new_serial, one.upn, one.line),
                                     std::move(problem->what), std::move(problem->remedy)));
      continue;
    }
    seed->upn = one.upn;
    if (one.line != 0) seed->line = one.line;
    auto why_not = services.tokens().why_not(*seed);
    auto fresh = job_token(TokenChange::create, std::move(*seed));
    tokens.push_back(why_not.empty()
                         ? std::move(fresh)
                         : refused_token(std::move(fresh), std::move(why_not), "See portalkey tokens validate FILE."));
    auto old = job_token(TokenChange::remove, one.old_serial, one.upn, one.line);
    old.from = one.upn;
    old.replaced_by = one.new_serial;
    tokens.push_back(std::move(old));
    by_serial.erase(found);  // its key is the row's
  }
  return start_job(services, new_job(services, "replace", command.list), std::move(tokens), command.output);
}

}  // namespace

void add_tokens_replace(CLI::App& tokens, const Globals& globals, Run& run) {
  auto options = std::make_shared<ReplaceCommand>();
  auto* command = tokens.add_subcommand("replace", "Give users new tokens; the old ones go when the new ones are active");
  add_seed_file_options(*command, options->seeds);
  auto* user = command->add_option("--user", options->upn, "Whose token")->type_name("UPN");
  auto* old = command->add_option("--old", options->old_serial, "The token that goes")->type_name("SERIAL");
  auto* fresh =
      command->add_option("--new", options->new_serial, "The token that comes; FILE has its secret key")->type_name("SERIAL");
  command
      ->add_option("--list", options->list,
                   "Many of them: a file with columns serial number (the new token), upn and replaces (the old token)")
      ->type_name("FILE")
      ->excludes(user)
      ->excludes(old)
      ->excludes(fresh);
  add_job_options(*command, options->output);
  command->callback([=, &globals, &run] {
    const bool one = !options->upn.empty() && !options->old_serial.empty() && !options->new_serial.empty();
    if (options->list.empty() && !one)
      throw CLI::ValidationError("tokens replace", "give --user, --old and --new, or a --list");
    if (one && options->old_serial == options->new_serial)
      throw CLI::ValidationError("tokens replace", "--old and --new are the same serial number");
    run = [=, &globals] {
      return with_services(globals, *options->output.format, [&](Services& services) { return replace(services, *options); });
    };
  });
}

}  // namespace portalkey
