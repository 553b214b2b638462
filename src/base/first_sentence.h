#pragma once

#include <string_view>

namespace portalkey {

/// What a service's message says before its details: up to the first full stop, line break, or Entra's ` Trace ID:`. Without
/// the code that Entra (`AADSTS50105: `) or Key Vault (`AKV10032: `, `[TokenExpired] `) puts in front, and without the full
/// stop. It is as foreign as the message.
std::string_view first_sentence(std::string_view message);

}  // namespace portalkey
