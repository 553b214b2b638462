#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/token_directory.h"
#include "jobs/activation_pace.h"
#include "jobs/progress.h"
#include "jobs/token_outcome.h"

namespace portalkey {

struct ActivationOrder {
  const TokenSeed* seed = nullptr;
  TenantToken token;
};

struct ActivationResult {
  bool active = false;
  bool attempted = true;
  std::string reason;  ///< if not active
  std::string remedy;
};

struct ActivationRun {
  std::vector<ActivationResult> results;  ///< one per order, in order
  std::optional<Error> stopped;           ///< why the run ended early; the orders not come to say so
};

/// Activates tokens with codes computed from their seeds at the moment of sending, for the server's clock, never in the last
/// second of a time step. A refused code is tried again in the next step, three times in all. An answer that was lost is
/// settled by asking the tenant. At the end the tenant is asked once more whether every token that was accepted is active.
///
/// `on_active` is told the place of each order that was accepted, at once.
///
/// A code that is accepted proves that the tenant holds the right seed, not that the device's own clock is right.
ActivationRun activate_tokens(const std::vector<ActivationOrder>& orders, TokenDirectory& tokens, ActivationPace& pace,
                              Clock& clock, Progress& progress, std::stop_token stop,
                              std::function<void(std::size_t)> on_active = {});

}  // namespace portalkey
