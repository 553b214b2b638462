#pragma once
// Joins the tokens of a seed file with an assignment list, as they are read.

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "oath/assignment/assignment_list.h"

namespace portalkey {

/// Hands on each token with the list's user. A token is refused if the list gives it to two users, if the seed file names
/// another user than the list does, or if only a serial number that is merely alike (leading zeros, blanks, letter case) is in
/// the list.
class AssignedTokens final : public SeedSink {
 public:
  /// `places`: for a list in order, the `TokenSeed::place` of all tokens that the file has, ascending. All are kept by
  /// reference.
  AssignedTokens(AssignmentList& list, std::span<const std::int64_t> places, SeedSink& next)
      : list_(list), places_(places), next_(next) {}

  void on_token(TokenSeed&& token) override;
  void on_problem(RowProblem&& problem) override { next_.on_problem(std::move(problem)); }

  /// Reports what is left over on either side, and counts what was refused in `summary`.
  void finish(SeedFileSummary& summary);

 private:
  AssignmentList::Entry* entry_for(const TokenSeed& token);
  void refuse(const TokenSeed& token, std::string_view field, std::string what, std::string cause, std::string remedy);

  AssignmentList& list_;
  std::span<const std::int64_t> places_;
  SeedSink& next_;
  std::int64_t given_ = 0;
  std::vector<std::int64_t> refused_;
  std::unordered_map<std::string, int> per_user_;
};

}  // namespace portalkey
