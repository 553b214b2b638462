#pragma once

#include "sandbox/arm/template.h"

namespace portalkey::sandbox {

/// nullopt if every resource's provider is registered and the caller may write each; nested templates are looked into when
/// they can be read already.
std::optional<HttpResponse> preflight(const ArmCall& call, Template& parsed);

/// Deploys, in the order of dependencies, and records the deployment. True if all went well.
bool run_deployment(const ArmCall& call, Template parsed);

/// What a deployment would do: the 200 answer of whatIf.
std::expected<json::object, HttpResponse> what_if(const ArmCall& call, Template parsed, bool ids_only);

/// GET of any resource with a version that its type knows; nullopt if it is not there.
std::optional<json::object> current_resource(const ArmCall& call, std::string_view id);

}  // namespace portalkey::sandbox
