#pragma once
// Hardware OATH tokens over Graph (beta): what the inventory and the users' methods share. Included by .cc files only.
// Source: learn.microsoft.com/graph/api/resources/{hardwareoathtokenauthenticationmethoddevice,
// hardwareoathauthenticationmethod}?view=graph-rest-beta. Where those say nothing, docs/sandbox.md says what is done here.

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/graph/call.h"

namespace portalkey::sandbox {

extern const GraphShape kOathDeviceShape;

/// The 400 of a version or cloud that does not have hardware OATH; nullopt if there is nothing to refuse.
std::optional<HttpResponse> oath_absent(const GraphCall& call, std::string_view segment);

enum class OathRight { read_devices, write_devices, read_methods, write_methods };
/// nullopt if the caller may. `owner`: of the methods; nullptr: nobody there is.
std::optional<HttpResponse> oath_refuses(const GraphCall& call, OathRight right, const SandboxUser* owner = nullptr);

/// A rule is broken: 400 `badRequest`.
HttpResponse oath_bad_request(const GraphCall& call, std::string_view message);

/// The device as it is sent: without its secret.
json::object oath_device(const GraphCall& call, const OathToken& token);
/// The user's method, with its device.
json::object oath_method(const GraphCall& call, const OathToken& token);

/// Why the user cannot have one token more; empty if nothing speaks against it.
std::string oath_objection(const GraphCall& call, const SandboxUser& user);
/// Gives an unassigned token to a user, or says why not.
std::optional<HttpResponse> oath_assign(GraphCall& call, const OathToken& token, const SandboxUser& user);

}  // namespace portalkey::sandbox
