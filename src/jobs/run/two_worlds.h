#pragma once
// The tokens of a tenant in two worlds: those that came by CSV, which the portal manages, and Microsoft Graph's. The portal
// lists both, and a serial number may be once in each.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "directory/token_directory.h"
#include "jobs/verdict/tenant_check.h"

namespace portalkey {

class TwoWorlds {
 public:
  /// `here`: where tokens move to; `there`: where they come from, whose list may have those of `here`, by the same ids. What
  /// was read before is forgotten.
  Result<void> read(TokenDirectory& here, TokenDirectory& there, const Deadline& deadline);

  const TenantCheck& here() const { return here_; }
  /// Without those that are of `here`.
  const TenantCheck& there() const { return there_; }
  /// Which of several came from there cannot be told.
  bool ambiguous_there(const std::string& serial) const { return ambiguous_.contains(serial); }

 private:
  TenantCheck here_, there_;
  std::set<std::string> ambiguous_;  // serial numbers
};

}  // namespace portalkey
