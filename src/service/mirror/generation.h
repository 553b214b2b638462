#pragma once
// A tenant's tokens written anew beside those that are shown, batch after batch, until they take their place at once. Included
// by .cc files of the mirror only.

#include <optional>
#include <span>
#include <string>
#include <unordered_set>

#include "service/mirror/fresh_tokens.h"

namespace portalkey {

// Each is one transaction, to be called by the only writer; a result of false: nothing is left.
class Generation {
 public:
  /// `fresh`: compared; must stay.
  static Result<Generation> begin(const FreshTokens& fresh);

  Result<bool> write_some(std::size_t most);
  /// What is to be told when it is shown, but for tokens whose serial_key() is among `touched`.
  Result<bool> tell_some(std::size_t most, const std::unordered_set<std::string>& touched);
  /// Tokens with these serial_key()s are as they are shown, and nothing is told of them. With `as_of`, it is shown itself.
  Result<void> carry_over(std::span<const std::string> serials, std::optional<WallTime> as_of);

 private:
  Generation(const FreshTokens& fresh, std::int64_t number) : fresh_(fresh), number_(number) {}
  Result<void> carry_over(std::span<const std::string> serials);

  const FreshTokens& fresh_;
  std::int64_t number_;
  std::optional<TokenName> written_through_;
  std::int64_t told_through_ = 0;
};

/// Erases some of the tenant's generations that are not shown.
Result<bool> erase_some_hidden(Sqlite& db, const std::string& tenant, std::size_t most);

}  // namespace portalkey
