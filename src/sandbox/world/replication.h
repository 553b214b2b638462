#pragma once
// Eventual consistency: an app, a service principal or a credential that was just made is not known everywhere at once.
// Source: learn.microsoft.com/graph/best-practices-concept (replication), azure-cli's retry loops.

#include <cstdint>
#include <string_view>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

/// Call it when a directory object is made: `id` is its object id, or a credential's key id.
void begin_replication(World& world, std::string_view id);

/// Whether the object has reached the replica that answers. False until `policy.replication_delay` seconds of the
/// sandbox's clock have passed since `created` (Unix seconds; 0 = always there), and for the first
/// `policy.replication_misses` calls for an object after `begin_replication`: each call that answers false is one.
bool is_replicated(World& world, std::string_view id, std::int64_t created);

}  // namespace portalkey::sandbox
