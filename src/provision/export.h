#pragma once
// The same set-up as templates, for those who deploy with their own pipeline. Made without asking Azure.
//
// Azure Resource Manager knows no app registrations (they are Graph's), so a script of az commands stands beside the template:
// it makes the app and prints the object id that the template's parameter principalId takes. Providers are registered by a
// deployment itself.

#include <map>
#include <string>

#include "provision/desired.h"

namespace portalkey {

/// File names and contents. main.bicep with vault.bicep and main.bicepparam, create-app.sh.
std::map<std::string, std::string> export_bicep(const Desired& desired);
/// main.json (what the Bicep means), main.parameters.json, create-app.sh.
std::map<std::string, std::string> export_arm(const Desired& desired);

}  // namespace portalkey
