#pragma once
// What an app registration says about itself in `SandboxApp::settings`. Included by .cc files only.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/wire/json.h"
#include "sandbox/world/directory.h"

namespace portalkey::sandbox {

/// The settings as an object; empty if they are none.
json::object settings_of(const SandboxApp& app);

/// The value at a path of member names, or nullptr.
const json::value* setting(const json::object& settings, std::initializer_list<std::string_view> path);
/// The strings of the array at that path.
std::vector<std::string> setting_strings(const json::object& settings, std::initializer_list<std::string_view> path);

/// The platform under which a redirect URI is registered. It decides whether the code's redeemer must, may or must not
/// prove itself.
enum class Platform { web, spa, public_client };

/// How `uri` is registered; nullopt if it is not. Loopback URIs (`http://localhost`, `http://127.0.0.1`) match on any
/// port; everything else letter by letter, host and scheme without regard to case. `app` nullptr: a client of Microsoft's.
std::optional<Platform> platform_of(const SandboxApp* app, std::string_view uri);
/// What stands for an absent `redirect_uri`: the first one registered; empty if there is none.
std::string default_redirect_uri(const SandboxApp* app);

/// "Allow public client flows": device code and refresh without a credential. Unset, it follows from the platforms.
bool allows_public_flows(const SandboxApp& app);

/// 1 or 2: the version of access tokens for this app as an API (`api.requestedAccessTokenVersion`; unset is 1).
int access_token_version(const SandboxApp& app);

}  // namespace portalkey::sandbox
