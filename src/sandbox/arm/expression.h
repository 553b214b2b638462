#pragma once
// The expression language of templates: `[concat(parameters('a'), '-', variables('b')[0].c)]`.
// Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions and …/template-functions.

#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/wire/json.h"

namespace portalkey::sandbox {

/// A value, or the message of an InvalidTemplate error.
using Evaluated = std::expected<json::value, std::string>;

/// Where an expression is evaluated: what parameters and variables hold, and what only a deployment can know.
struct TemplateScope {
  json::object parameters;  ///< values
  json::object variables;   ///< as written; expressions in them are evaluated when used
  json::object subscription, tenant, resource_group, deployment, environment;
  std::string now;  ///< of `utcNow()`
  /// `reference(name or id, 'full'?)`; not set while resources do not exist yet.
  std::function<Evaluated(const std::string& what, bool full)> reference;
  /// The resource id behind a symbolic name; empty if there is none.
  std::function<std::string(std::string_view symbol)> symbol;
  bool keep_unresolved = false;  ///< an expression that refers to what does not exist yet stays as it is written
  int depth = 0;                 ///< of nested variables
};

/// What `reference` gives as its error for such an expression.
inline constexpr std::string_view kUnresolved = "not there yet";

/// Whether a text is an expression: it begins with `[` (not `[[`) and ends with `]`.
bool is_expression(std::string_view text);

/// A text's value: an expression evaluated, anything else itself (`[[` is an escaped `[`).
Evaluated evaluate_text(TemplateScope& scope, std::string_view text);
/// Every text in a value evaluated, names of members included.
Evaluated evaluate_all(TemplateScope& scope, const json::value& value);

/// The function of that name with its arguments; an error names what is wrong.
Evaluated call_template_function(TemplateScope& scope, std::string_view name, const json::array& arguments);
bool is_template_function(std::string_view name);

/// `/subscriptions/…/resourceGroups/…/providers/{type}/{name}…`; `type` may have several levels.
std::string resource_id_of(std::string_view scope, std::string_view type, std::span<const std::string> names);

}  // namespace portalkey::sandbox
