#include "sandbox/world/replication.h"

#include <string>

namespace portalkey::sandbox {

void begin_replication(World& world, std::string_view id) {
  const auto misses = world.state.policy.replication_misses;
  if (misses > 0) world.replication_misses[std::string(id)] = misses;
}

bool is_replicated(World& world, std::string_view id, std::int64_t created) {
  if (created != 0 && world.clock.seconds() < created + world.state.policy.replication_delay) return false;
  const auto missed = world.replication_misses.find(id);
  if (missed == world.replication_misses.end()) return true;
  if (--missed->second == 0) world.replication_misses.erase(missed);
  return false;
}

}  // namespace portalkey::sandbox
