#pragma once
// Hardware OATH tokens through the portal API: /api/MultiFactorAuthentication/HardwareToken/.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/portal_api.h"
#include "oath/token_seed.h"

namespace portalkey {

/// A token as the tenant lists it. The secret key is never returned.
struct TenantToken {
  std::string oath_id;  ///< GUID of the token
  std::string user_id;  ///< GUID of the user it is assigned to
  std::string upn;
  std::string display_name;
  std::string serial;
  std::string manufacturer;
  std::string model;
  std::optional<int> step;  ///< time interval in seconds
  bool active = false;
};

struct TokenFilter {
  std::string upn;             ///< empty: everybody
  std::optional<bool> active;  ///< empty: both
};

struct UploadStatus {
  std::string name;
  enum class State { running, completed, completed_with_errors, failed } state = State::running;
  std::string reported;  ///< the service's own word
};

class PortalTokens {
 public:
  explicit PortalTokens(PortalApi& api) : api_(api) {}

  /// Reads every page (25 tokens each).
  Result<std::vector<TenantToken>> list(const TokenFilter& filter, const Deadline& deadline);

  /// Starts the import of the tokens under `name`, by which uploads() shows it. The service works on it afterwards. Sent once:
  /// if the answer is lost (unavailable), look for the name.
  Result<void> upload(const std::string& name, std::span<const TokenSeed* const> tokens, const Deadline& deadline);
  Result<std::vector<UploadStatus>> uploads(const Deadline& deadline);

  /// `code` is called just before each attempt. invalid_input: the code was refused. Sent once per answer: after `unavailable`
  /// ask list() whether the token is active.
  Result<void> activate(const TenantToken& token, const std::function<std::string()>& code, const Deadline& deadline);

  /// The body the service expects is not recorded: verify with list() that the token is gone.
  Result<void> remove(const TenantToken& token, const Deadline& deadline);

  const ServerClock& server_clock() const { return api_.server_clock(); }

 private:
  PortalApi& api_;
};

/// The CSV text of an upload: Entra's exact header, CRLF, base32 in upper case without padding; a comma, quote or line break in
/// manufacturer or model becomes a blank.
Secret entra_csv(std::span<const TokenSeed* const> tokens);

}  // namespace portalkey
