#pragma once
// Joins the tokens of a seed file with an assignment list, as they are read.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "seeds/assignment/assignment_list.h"
#include "seeds/input/checked_tokens.h"
#include "seeds/input/tokens_per_user.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {

/// Hands on each token with the list's user. A token is refused if the list gives it to two users, if the seed file names
/// another user than the list does, or if only a serial number that is merely alike (leading zeros, blanks, letter case) is in
/// the list.
class AssignedTokens final : public SeedSink {
 public:
  /// `places`: for a list in order, the `TokenSeed::place` of all tokens that the file has, ascending. All are kept by
  /// reference.
  AssignedTokens(const AssignmentList& list, std::span<const std::int64_t> places, SeedSink& next)
      : list_(list), places_(places), next_(next), used_(list.size()) {}

  void on_token(TokenSeed&& token) override;
  void on_problem(RowProblem&& problem) override { next_.on_problem(std::move(problem)); }

  /// Reports what is left over on either side, and counts what was refused in `summary`.
  void finish(SeedFileSummary& summary);

 private:
  /// The place of the list's entry for it.
  std::optional<std::size_t> entry_for(const TokenSeed& token) const;
  void refuse(const TokenSeed& token, std::string_view field, std::string what, std::string cause, std::string remedy);

  const AssignmentList& list_;
  std::span<const std::int64_t> places_;
  SeedSink& next_;
  std::int64_t given_ = 0;
  std::vector<std::int64_t> refused_;
  std::vector<bool> used_;  ///< the list's entries
  TokensPerUser per_user_{kTokensPerUser};
};

}  // namespace portalkey
