#pragma once
// Judges the tokens of a seed file by what the tenant holds already.

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/verdict/packed_tokens.h"
#include "jobs/verdict/serial_match.h"
#include "jobs/verdict/why_rejected.h"

namespace portalkey {

struct TenantVerdict {
  enum class State {
    absent,      ///< and may be uploaded
    unassigned,  ///< there, and nobody has it
    inactive,    ///< there, assigned to this user (or the file names none), not activated
    active,      ///< likewise, activated
    taken,       ///< there, assigned to somebody else
    too_many,    ///< absent, and its user would have more than kTokensPerUser
  } state = State::absent;
  std::shared_ptr<const TenantToken> token;  ///< as TenantCheck::find(); null if absent or too_many
  std::string what, remedy;                  ///< of taken and too_many

  bool present() const { return token != nullptr; }
};

class TenantCheck {
 public:
  /// Takes `listed`, every token of the tenant, in place of what was there.
  void set(const std::vector<TenantToken>& listed);
  /// Likewise, reading them.
  Result<void> read(TokenDirectory& directory, const Deadline& deadline);
  /// Reads them again, as far as the tenant shows them: what was created a moment ago may be shown later, and is kept.
  Result<void> read_again(TokenDirectory& directory, const Deadline& deadline) {
    return directory.each({}, deadline, [this](const TenantToken& token) { tokens_.put(token); });
  }
  /// One that was created or assigned since.
  void add(const TenantToken& token) { tokens_.put(token); }
  /// So many more tokens will be asked about and added.
  void expect(std::size_t more);
  std::size_t size() const { return tokens_.size(); }

  bool contains(const std::string& serial) const { return tokens_.contains(serial); }
  /// Null if the tenant has none with this serial number.
  std::shared_ptr<const TenantToken> find(const std::string& serial) const { return tokens_.find(serial); }

  /// To be asked once per token, in the file's order: one that is absent counts for its user from then on.
  TenantVerdict judge(const std::string& serial, std::string_view upn);

  /// The token that a person means by this serial number, as serial_match.h says.
  SerialMatch match(const std::string& serial) const;
  /// By UPN or object id, in the order of their serial numbers.
  std::vector<std::shared_ptr<const TenantToken>> of_user(std::string_view user) const;
  /// Who has tokens, in order.
  std::set<std::string> users() const;
  /// `anna@contoso.com has 3001 (active) and 3002 (not activated)`
  std::string holdings(std::string_view user) const;

 private:
  void list(const TenantToken& token);

  PackedTokens tokens_;
  /// How many tokens an account has, by a hash of its name: two of a million share one once in 30 million runs, and then
  /// somebody may be told of too many tokens.
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> per_account_;
};

}  // namespace portalkey
