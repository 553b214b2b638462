#pragma once
// Where code on an Azure machine gets tokens without a secret: the instance metadata service, and what App Service, Azure
// Arc and Cloud Shell have instead. Plain HTTP.
// Source: learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
// app-service/overview-managed-identity, azure-arc/servers/managed-identity-authentication.

#include <string>
#include <string_view>

#include "sandbox/world/managed_identities.h"
#include "sandbox/world/world.h"
#include "web/http_message.h"

namespace portalkey::sandbox {

inline constexpr std::string_view kImdsPath = "/metadata/identity/oauth2/token";
inline constexpr std::string_view kAppServicePath = "/msi/token";
inline constexpr std::string_view kArcPath = "/arc/token";
inline constexpr std::string_view kCloudShellPath = "/cloudshell/token";

bool is_metadata_path(std::string_view path);
HttpResponse managed_identity(World& world, const HttpRequest& request);

/// Where the keys of Azure Arc's challenges are written.
std::filesystem::path arc_folder(const SandboxOptions& options);

}  // namespace portalkey::sandbox
