#pragma once
// The tenant's tokens as JSON: what `tokens list` and `tokens report` print with -o json, and a service answers.

#include <string>
#include <vector>

#include "app/operations/report_on_tokens.h"
#include "app/operations/show_token.h"
#include "base/remedy.h"
#include "directory/token_directory.h"

namespace portalkey {

/// An array of tokens as they may be shown.
std::string json_of(const std::vector<TenantToken>& tokens);
std::string json_of(const TokensReport& report, const Words& words);
std::string json_of(const KnownToken& details, const Words& words);

}  // namespace portalkey
