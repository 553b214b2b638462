#pragma once
// What of a tenant's tokens somebody should look at.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "directory/token_directory.h"

namespace portalkey {

struct TenantReport {
  struct Waiting {
    const TenantToken* token = nullptr;
    WallTime since;  ///< at the latest: tokens have no date of their own
    std::int64_t days = 0;
  };
  struct Holder {
    std::string upn;
    std::size_t tokens = 0;
  };

  std::size_t tokens = 0, active = 0, not_active = 0;
  std::vector<Waiting> not_activated;          ///< for as many days as was asked for, the longest first
  std::vector<std::string> without_token;      ///< users of the list, in its order
  std::vector<const TenantToken*> spare;       ///< nobody's
  std::vector<Holder> at_limit;                ///< users with as many tokens as they may have
  std::vector<const TenantToken*> of_deleted;  ///< whose user is not there any more
  std::vector<const TenantToken*> of_disabled;
};

struct TenantReportInput {
  std::chrono::days not_activated_for{0};
  WallTime now;
  std::unordered_map<std::string, WallTime> waiting_since;  ///< by serial number
  std::vector<std::string> users;                           ///< who should have a token; empty: not asked
  /// What is known of the user with this UPN.
  enum class User { unknown, fine, disabled, absent };
  std::function<User(const std::string& upn)> user;
};

/// Points into `tenant`.
TenantReport report_on(const std::vector<TenantToken>& tenant, const TenantReportInput& input);

}  // namespace portalkey
