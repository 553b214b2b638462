#pragma once
// Management locks: what keeps resources from being deleted or changed, whatever a caller's roles allow.
// Source: learn.microsoft.com/azure/azure-resource-manager/management/lock-resources, and recordings of azure-cli.

#include <optional>
#include <string_view>

#include "sandbox/arm/call.h"

namespace portalkey::sandbox {

/// 409 ScopeLocked if a lock at the scope, above it, or (for deletions) below it forbids the action; else nullopt. Reading
/// and the locks themselves are never locked.
std::optional<HttpResponse> lock_refuses(const World& world, std::string_view action, std::string_view scope);

}  // namespace portalkey::sandbox
