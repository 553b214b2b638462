#pragma once
// A template with its parameters: checked, and its resources found; nothing is deployed here.

#include <expected>
#include <string>
#include <vector>

#include "sandbox/arm/call.h"
#include "sandbox/arm/expression.h"

namespace portalkey::sandbox {

/// Where a deployment goes: a resource group, or (with an empty group) the subscription.
struct DeploymentTarget {
  std::string group;
  std::string name;      ///< of the deployment
  std::string location;  ///< of a subscription deployment
  std::string scope_id(const State& state) const;
  std::string id(const State& state) const;
};

struct TemplateResource {
  std::string symbol;  ///< in templates of language version 2.0
  std::string type, name, api_version;
  std::string id;
  std::string group;  ///< of a nested deployment, where it goes; empty: the subscription
  bool existing = false;
  bool wanted = true;  ///< its condition holds
  std::vector<std::string> depends_on;
  json::object written;
};

struct Template {
  DeploymentTarget target;
  TemplateScope scope;
  json::object shown_parameters;  ///< as GET shows them: secure values left out
  json::object outputs;           ///< as written
  std::vector<TemplateResource> resources;
};

/// From a deployment's `properties`. An error is ARM's own answer.
std::expected<Template, HttpResponse> read_template(const ArmCall& call, const DeploymentTarget& target,
                                                    const json::object& properties);

/// The resource of that symbol, id, or name; nullptr if the template has none.
const TemplateResource* find_resource(const Template& parsed, std::string_view what);

/// What is sent for a resource: its members evaluated, the template's own ones left out.
Evaluated resource_body(Template& parsed, const TemplateResource& resource);

HttpResponse invalid_template(std::string_view message);
bool is_deployment(const TemplateResource& resource);

}  // namespace portalkey::sandbox
