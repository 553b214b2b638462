#pragma once
// Sets aside the sealed files that the passphrase given now does not open, when the earlier one is lost: first a look, so that
// somebody can be asked, then the deed.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/tenant/tenant.h"
#include "base/file_lock.h"

namespace portalkey {

struct UnopenedFile {
  std::filesystem::path path;
  std::string why;    ///< it does not open
  std::string loses;  ///< what is out of reach when it is set aside
};

struct SessionSetAside {
  std::vector<std::filesystem::path> aside;  ///< where the files are now
  std::vector<Job> stranded;                 ///< jobs whose secret keys can no longer be opened
  enum class Next { nothing, sign_in, refresh } next = Next::nothing;
};

/// Holds the session's lock, so that what was looked at is what is set aside.
class SessionReset {
 public:
  /// conflict: a job is running, whose key must not go. invalid_input: no passphrase seals this profile's files.
  static Result<SessionReset> look(Tenant& tenant);

  /// Empty: the passphrase opens everything.
  std::vector<UnopenedFile> unopened() const;
  /// Renames them; nothing is deleted. Where one fails, those before it are set aside all the same.
  Result<SessionSetAside> set_aside();

 private:
  struct Sealed {
    std::filesystem::path path;
    std::string loses;
    std::string why;  // it is to be set aside; empty: it is fine, or not there
  };
  SessionReset(Tenant& tenant, std::optional<FileLock> lock) : tenant_(&tenant), lock_(std::move(lock)) {}

  Tenant* tenant_;
  std::optional<FileLock> lock_;  // none: nothing was ever kept
  Sealed vault_, escrow_, journal_key_;
};

}  // namespace portalkey
