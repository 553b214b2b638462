#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace portalkey {

/// What a job did to a token last: took it from its user, or out of the tenant.
struct TakenToken {
  std::string serial, job;
  std::string from;         ///< whose it was; empty: nobody's
  std::string replaced_by;  ///< the serial number of the one that its user got instead; empty: none
  bool kept = false;        ///< in the tenant, as nobody's
  WallTime when;
};
/// By serial number in lower case.
using TakenTokens = std::unordered_map<std::string, TakenToken>;

inline constexpr std::string_view kTakenRemedy =
    "A seed file does not bring it back. If it is to come back, run the command with its file and [[setting|again]].";
/// `was removed from anna@contoso.com on 2026-01-31 (job 20260131-abcd)`
std::string text_of(const TakenToken& taken);

}  // namespace portalkey
