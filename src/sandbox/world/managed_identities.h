#pragma once
// The managed identities that the tenant has on its first day.

#include <string>
#include <utility>

#include "sandbox/world/options.h"
#include "sandbox/world/state.h"

namespace portalkey::sandbox {

/// Two service principals of type ManagedIdentity: the system-assigned one of a machine, and a user-assigned one.
void add_managed_identities(State& state, const SandboxOptions& options);
/// By kind; nullptr if it is not there.
const ServicePrincipal* find_managed_identity(const State& state, bool user_assigned);

/// `alternativeNames`: the kind, and the resource that has the identity.
std::pair<std::string, std::string> alternative_names(const ServicePrincipal& principal);

}  // namespace portalkey::sandbox
