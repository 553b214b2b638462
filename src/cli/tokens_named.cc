#include "cli/tokens_named.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <set>

namespace portalkey {

void add_named_tokens(CLI::App& command, NamedTokens& named) {
  command.add_option("SERIAL", named.serials, "Serial numbers");
  command.add_option("--list", named.list, "Many of them: a file with a column serial number, and perhaps upn")
      ->type_name("FILE");
  command.add_option("--user", named.user, "Refuse tokens that are not this user's")->type_name("UPN");
}

void check_named_tokens(const std::string& command, const NamedTokens& named) {
  if (named.serials.empty() == named.list.empty())
    throw CLI::ValidationError(command, "give either serial numbers or a --list");
}

Result<std::vector<JobToken>> named_tokens(TokenChange change, const NamedTokens& named) {
  std::vector<JobToken> tokens;
  if (named.list.empty()) {
    std::set<std::string> seen;
    for (const auto& serial : named.serials) {
      if (!seen.insert(serial).second) continue;
      tokens.push_back(job_token(change, serial, named.user));
      tokens.back().from = named.user;
    }
    return tokens;
  }
  auto list = AssignmentList::read(named.list, AssignmentList::Users::optional);
  if (!list) return pass(list);
  if (list->in_order()) {
    return std::unexpected(Error{
        Errc::invalid_input, "the list has no serial numbers", "Give it a column serial number.", {{"list", named.list}}});
  }
  for (const auto& entry : list->entries()) {
    if (entry.other_line != 0) continue;  // is among the problems
    auto token = job_token(change, entry.serial, entry.upn.empty() ? named.user : entry.upn, entry.line);
    token.from = token.outcome.upn;
    tokens.push_back(std::move(token));
  }
  for (auto problem : list->problems()) {
    problem.file.clear();
    tokens.push_back(refused_token(problem));
  }
  return tokens;
}

}  // namespace portalkey
