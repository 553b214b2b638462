#pragma once
// The tenant's hardware OATH tokens, whichever API they are managed through. docs/backends.md says how the APIs differ.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/http.h"
#include "http/server_clock.h"
#include "seeds/model/entra_takes.h"

namespace portalkey {

/// A token as the tenant lists it. The secret key is never returned.
struct TenantToken {
  std::string oath_id;  ///< GUID of the token
  std::string user_id;  ///< GUID of the user it is assigned to; empty: nobody
  std::string upn;      ///< of that user; empty also if the user no longer exists
  std::string display_name;
  std::string serial;
  std::string manufacturer;
  std::string model;
  std::optional<int> step;  ///< time interval in seconds
  bool active = false;
  std::optional<WallTime> last_used;  ///< of Microsoft Graph's, if it was; not kept where many tokens are packed

  bool nobodys() const { return user_id.empty() && upn.empty(); }
};

/// For showing: the tenant's words as foreign_text(), so that a secret key that got into the wrong column is not seen. The
/// token itself stays as the tenant has it, for that is what it is found by.
TenantToken shown(const TenantToken& token);
/// The UPN as it is if it is one; what has no @ is a foreign text.
std::string held_upn(std::string upn);
/// The account a UPN names: in lower case, an apostrophe doubled as in older instructions for upload files taken for one.
std::string account_of(std::string_view upn);
/// Whose it is, for a sentence: the UPN, the id of a user who no longer exists, or `nobody`.
std::string owner_of(const TenantToken& token);

struct TokenFilter {
  std::string upn;             ///< empty: everybody
  std::optional<bool> active;  ///< empty: both
};

struct UploadStatus {
  std::string name;
  enum class State { running, completed, completed_with_errors, failed } state = State::running;
  std::string reported;  ///< the service's own word
};

/// A backend that takes new tokens as a file, works on it afterwards, and does not say what became of each row.
class TokenUploads {
 public:
  virtual ~TokenUploads() = default;
  /// Starts the import of the tokens under `name`, by which uploads() shows it. The service works on it afterwards. Sent once:
  /// if the answer is lost (unavailable), look for the name.
  virtual Result<void> upload(const std::string& name, std::span<const TokenSeed* const> tokens, const Deadline& deadline) = 0;
  virtual Result<std::vector<UploadStatus>> uploads(const Deadline& deadline) = 0;
};

/// A backend that keeps tokens whether or not somebody has them, and answers for each.
class TokenInventory {
 public:
  virtual ~TokenInventory() = default;
  /// Creates each token, assigned to its `upn` if it has one; one result per token, in order. `unavailable`: it may have been
  /// created, so look for the serial number before trying again.
  virtual std::vector<Result<TenantToken>> create(std::span<const TokenSeed* const> tokens, const Deadline& deadline) = 0;
  /// The token as it is afterwards: assigned, not activated.
  virtual Result<TenantToken> assign(const TenantToken& token, const std::string& upn, const Deadline& deadline) = 0;
  virtual Result<void> unassign(const TenantToken& token, const Deadline& deadline) = 0;
};

class TokenDirectory {
 public:
  virtual ~TokenDirectory() = default;

  /// As it stands in a sentence: `the portal API`.
  virtual std::string_view name() const = 0;
  /// By which it takes tokens or does not (why_not).
  virtual Backend backend() const = 0;

  /// Reads page after page and hands each token on.
  virtual Result<void> each(const TokenFilter& filter, const Deadline& deadline,
                            const std::function<void(TenantToken)>& take) = 0;
  Result<std::vector<TenantToken>> list(const TokenFilter& filter, const Deadline& deadline) {
    std::vector<TenantToken> tokens;
    auto done = each(filter, deadline, [&](TenantToken token) { tokens.push_back(std::move(token)); });
    if (!done) return std::unexpected(std::move(done).error());
    return tokens;
  }
  /// The same token as it is now; nullopt: it is gone.
  virtual Result<std::optional<TenantToken>> again(const TenantToken& token, const Deadline& deadline) = 0;
  /// `code` is called just before each attempt. invalid_input: the code was refused. Sent once per answer: after `unavailable`
  /// ask again() whether the token is active.
  virtual Result<void> activate(const TenantToken& token, const std::function<std::string()>& code,
                                const Deadline& deadline) = 0;
  /// Takes the token from its user and out of the tenant. Verify with list() that it is gone.
  virtual Result<void> remove(const TenantToken& token, const Deadline& deadline) = 0;

  virtual const ServerClock& server_clock() const = 0;
  /// Whether an activation is documented to take codes that are up to kStepsOfActivation off, and to learn the device's clock
  /// from them. Otherwise it may do so, or take codes of the present only.
  virtual bool learns_clocks() const { return false; }

  /// How many requests that may change the tenant were made up to now.
  std::size_t changes_asked() const { return changes_asked_; }

  /// Exactly one of the two is not null: how new tokens go in.
  virtual TokenUploads* by_upload() { return nullptr; }
  virtual TokenInventory* inventory() { return nullptr; }

 protected:
  /// To be called by whatever may change the tenant, before it is sent.
  void asks_for_a_change() { ++changes_asked_; }

 private:
  std::size_t changes_asked_ = 0;
};

}  // namespace portalkey
