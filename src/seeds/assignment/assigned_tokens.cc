#include "seeds/assignment/assigned_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/key_fields.h"

namespace portalkey {
void AssignedTokens::refuse(const TokenSeed& token, std::string_view field, std::string what, std::string cause,
                            std::string remedy) {
  auto problem = problem_of(token, field, std::move(what), std::move(remedy));
  problem.cause = std::move(cause);
  refused_.push_back(token.place());
  next_.on_problem(std::move(problem));
}

std::optional<std::size_t> AssignedTokens::entry_for(const TokenSeed& token) const {
  if (!list_.in_order()) return token.serial.empty() ? std::nullopt : list_.find(token.serial);
  const auto place = std::ranges::lower_bound(places_, token.place());
  const auto nth = static_cast<std::size_t>(place - places_.begin());
  if (nth >= list_.size() || list_[nth].upn.empty()) return std::nullopt;
  return nth;
}

void AssignedTokens::on_token(TokenSeed&& token) {
  const auto place = entry_for(token);
  if (!place && !list_.in_order() && !token.serial.empty()) {
    if (const auto other = list_.find_alike(token.serial)) {
      used_[*other] = true;
      const auto alike = list_[*other];
      refuse(token, name_of(Column::serial),
             fmt::format("the list has no such serial number, but {} on line {}, which differs only in leading zeros, blanks "
                         "or letter case",
                         alike.serial, alike.line),
             "A spreadsheet drops leading zeros.",
             "Compare with the device, and write the serial number the same way in both files.");
      return;
    }
  }
  if (!place) {
    auto problem =
        problem_of(token, name_of(Column::upn), "the list does not say who gets this token",
                   token.upn.empty() ? "Add it to the list if somebody is to get it." : "The seed file's user is kept.");
    problem.warning = true;
    next_.on_problem(std::move(problem));
    next_.on_token(std::move(token));
    return;
  }
  used_[*place] = true;
  const auto entry = list_[*place];
  if (entry.other_line != 0) {
    refuse(token, name_of(Column::upn),
           fmt::format("lines {} and {} of the list give this token to different users", entry.line, entry.other_line), {},
           "Find out who has the device, and remove the other row.");
    return;
  }
  if (!token.upn.empty() && !same_ignoring_case(token.upn, entry.upn)) {
    refuse(token, name_of(Column::upn), fmt::format("line {} of the list gives this token to {}", entry.line, entry.upn), {},
           "Find out who has the device, and correct the list or the seed file.");
    return;
  }
  if (token.upn.empty()) {
    token.upn = entry.upn;
    if (token.type == OtpType::totp && per_user_.add(per_user_.hash(token.upn))) {
      auto problem =
          problem_of(token, name_of(Column::upn), "the list has more than five tokens for this user", std::string(kFiveAtMost));
      problem.warning = true;
      problem.kind = RowProblem::Kind::too_many;
      next_.on_problem(std::move(problem));
    }
  }
  ++given_;
  next_.on_token(std::move(token));
}

void AssignedTokens::finish(SeedFileSummary& summary) {
  for (const auto place : refused_) {
    ++summary.problems;
    if (!std::ranges::binary_search(summary.withdrawn, place)) --summary.tokens;
  }
  for (auto problem : list_.problems()) {
    ++summary.problems;
    next_.on_problem(std::move(problem));
  }
  std::int64_t left = 0;
  for (std::size_t place = 0; place < list_.size(); ++place) {
    const auto entry = list_[place];
    if (used_[place] || entry.upn.empty()) continue;
    ++left;
    RowProblem problem;
    problem.file = list_.name();
    problem.line = entry.line;
    problem.serial = quotable_serial(entry.serial);
    problem.upn = entry.upn;
    problem.field = list_.in_order() ? name_of(Column::upn) : name_of(Column::serial);
    problem.what = list_.in_order() ? "the seed file has no token left for this user"
                                    : "the seed file has no usable token with this serial number";
    problem.remedy = "Check whether the token is in another delivery, or the row of the seed file is among the problems.";
    problem.warning = true;
    next_.on_problem(std::move(problem));
  }
  std::ranges::copy(list_.notes(), std::back_inserter(summary.notes));
  summary.notes.push_back(fmt::format("{}: {} tokens have got a user, {} users no token", list_.name(), given_, left));
}

}  // namespace portalkey
