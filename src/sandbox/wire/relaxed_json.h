#pragma once
// JSON as Resource Manager reads it, which is more than RFC 8259 allows: clients send templates with comments, names without
// quotes and texts in single quotes. `az deployment` puts a template file into its request as it is, under an unquoted name.
// Source: the recordings of azure-cli, resource/tests/latest/recordings/test_group_deployment_lite.yaml.

#include <boost/json.hpp>
#include <optional>
#include <string_view>

namespace portalkey::sandbox {

/// nullopt if it is not even that.
std::optional<boost::json::value> parse_relaxed_json(std::string_view text);

}  // namespace portalkey::sandbox
