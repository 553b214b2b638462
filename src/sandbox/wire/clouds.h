#pragma once
// Microsoft's clouds, and which service a host name belongs to.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey::sandbox {

enum class Service { login, device_page, vault, portal, arm, graph, imds, unknown };

std::string_view name_of(Service service);

struct SandboxCloud {
  std::string_view name;
  std::string_view authority;
  std::string_view v1_issuer_host;
  std::string_view vault_suffix;  ///< also the vault resource: `https://` + suffix
  std::string_view portal_host;
  std::string_view portal_app_id;  ///< empty if it is not published
  std::string_view graph_host;
  std::string_view arm_host;
  std::string_view instance_name;  ///< in the discovery document
  std::string_view device_page;    ///< what a person is told to open
};

std::span<const SandboxCloud> sandbox_clouds();

struct Route {
  Service service = Service::unknown;
  const SandboxCloud* cloud = nullptr;
  std::string vault;  ///< the vault's name, lower case
};

/// By host name alone (lower case, no port).
Route route_of(std::string_view host);

/// Every name the server's certificate must be good for.
std::vector<std::string> certificate_names();

}  // namespace portalkey::sandbox
