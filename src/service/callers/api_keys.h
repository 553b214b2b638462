#pragma once
// API keys: for callers that cannot have an access token of Entra. Only a hash of a key is kept.

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/secret.h"
#include "service/callers/caller.h"

namespace portalkey {

inline constexpr std::chrono::days kLongestApiKeyLife{730};
/// `last_used` is written once in so long: a use costs no write.
inline constexpr std::chrono::hours kLastUsedEvery{1};

/// `rights`, at least one; `name`: 1 to 100 bytes that can be seen, by which people know it; several keys may have it, so that
/// one can take another's place. `expires`: in the future, at most kLongestApiKeyLife away.
struct NewApiKey {
  std::string name;
  std::set<Right> rights;
  CallerLimits limits;
  WallTime expires;
};

struct ApiKey {
  std::string id;  ///< 12 letters and digits; no secret
  std::string name;
  std::set<Right> rights;
  CallerLimits limits;
  WallTime created, expires;
  std::optional<WallTime> revoked;
  std::optional<WallTime> last_used;  ///< true to kLastUsedEvery

  enum class State { live, expired, revoked };
  State state(WallTime now) const;
};
/// `live`, `expired`, `revoked`: stable.
std::string_view name_of(ApiKey::State state);

struct CreatedApiKey {
  ApiKey key;
  Secret text;  ///< what the caller presents; nobody can have it again
};

/// invalid_input: what is wrong with a key that is wished for, and how to mend it.
Result<void> check_new_api_key(const NewApiKey& wish, WallTime now);

/// Who presents it.
Caller caller_of(const ApiKey& key);

/// Threads and processes may share the store; what one does, the next call of any other sees.
class ApiKeys {
 public:
  virtual ~ApiKeys() = default;
  /// invalid_input: as check_new_api_key. On return the key is durable.
  virtual Result<CreatedApiKey> create(const NewApiKey& wish) = 0;
  /// Newest first, revoked and expired ones too.
  virtual Result<std::vector<ApiKey>> list() = 0;
  /// By id, or by name where exactly one key that is not revoked has it. From the return on nobody gets in with it, and that is
  /// durable. By id, one that was revoked before stays as it is. not_found; conflict: several have the name (their ids are
  /// told).
  virtual Result<ApiKey> revoke(std::string_view id_or_name) = 0;
  /// Whose text is presented. unauthenticated: no live key's; `what` says why, for the log, not for who presents it.
  /// corrupt: it is kept, but in a way that this version does not understand.
  virtual Result<ApiKey> find(std::string_view presented) = 0;
};

/// In `folder`/callers.db; the folder is made (mode 0700) if it is not there. `clock` must outlive it.
Result<std::unique_ptr<ApiKeys>> open_api_keys(const std::filesystem::path& folder, Clock& clock);

}  // namespace portalkey
