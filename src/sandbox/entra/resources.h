#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/wire/clouds.h"
#include "sandbox/world/world.h"

namespace portalkey::sandbox {

enum class ResourceKind { portal, vault, arm, graph, token_exchange, own };

/// An API that tokens are for.
struct Resource {
  ResourceKind kind;
  std::string app_id;
  int token_version = 1;  ///< of its access tokens
};

/// By app id or by any of its URIs, with or without a slash at the end, in any cloud.
std::optional<Resource> find_resource(const World& world, std::string_view identifier);

/// Whether `audience` of a token is good for a service of that cloud.
bool portal_accepts(const World& world, const SandboxCloud& cloud, std::string_view audience);
bool vault_accepts(const SandboxCloud& cloud, std::string_view audience);
bool arm_accepts(const SandboxCloud& cloud, std::string_view audience);

/// `management.core.windows.net` and its like: the older name of Resource Manager, good as an audience only.
std::string_view core_arm_host(const SandboxCloud& cloud);

inline constexpr std::string_view kVaultAppId = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

// What federated credentials take outside tokens for; one name in each cloud.
inline constexpr std::string_view kTokenExchangeAppId = "fb60f99c-7a34-4190-8149-302f77469936";
inline constexpr std::string_view kTokenExchangeUris[] = {"api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov",
                                                          "api://AzureADTokenExchangeChina"};

}  // namespace portalkey::sandbox
