#pragma once
// Graph's limits for identity and access, per app and per tenant. Every request costs one resource unit here; the real
// costs depend on the request.
// Source: learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits.

#include <optional>

#include "sandbox/graph/call.h"

namespace portalkey::sandbox {

/// Counts the call of a known caller, and judges it: a 429 with Retry-After if it is one too many.
std::optional<HttpResponse> graph_throttles(GraphCall& call);
/// `x-ms-resource-unit`, and from four fifths of a limit on `x-ms-throttle-limit-percentage`.
void add_throttle_headers(const GraphCall& call, HttpResponse& answer);

}  // namespace portalkey::sandbox
