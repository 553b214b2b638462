#pragma once

#include <string>

#include "app/operations/token_code.h"
#include "base/remedy.h"

namespace portalkey {

/// With the code in it: to be wiped by whoever has shown it.
std::string json_of(const TokenCode& code);
std::string json_of(const CheckedCode& code, const Words& words);

}  // namespace portalkey
