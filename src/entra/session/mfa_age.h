#pragma once
// How old the MFA of a session may get before Entra wants it afresh: a policy's sign-in frequency, or a tenant's "remember
// MFA". Nothing tells it beforehand. It counts from the interactive sign-in, however often the refresh token is redeemed since.

#include <chrono>
#include <filesystem>
#include <optional>

#include "base/error.h"

namespace portalkey {

/// What a session that was refused for its age (AADSTS50078, 70043) has taught, in days since its sign-in.
struct LearntMfaAge {
  std::chrono::days worked{0};   ///< so old it was when it was last taken
  std::chrono::days refused{0};  ///< so old it was when it was refused

  /// What is safe to count on.
  std::chrono::days limit() const { return worked.count() > 0 ? worked : refused; }
};

struct MfaAge {
  std::chrono::days limit{0};
  std::optional<LearntMfaAge> learnt;  ///< nullopt: the profile says so
};

/// Kept in the state folder. nullopt: nothing learnt yet, or the file cannot be read.
std::optional<LearntMfaAge> learnt_mfa_age(const std::filesystem::path& state_folder);
Result<void> keep_mfa_age(const std::filesystem::path& state_folder, const LearntMfaAge& age);
/// A session was taken at this age: what was learnt before is corrected by it, and forgotten if it was wrong.
void taken_at(const std::filesystem::path& state_folder, std::chrono::days age);

}  // namespace portalkey
