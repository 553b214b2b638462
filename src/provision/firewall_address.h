#pragma once

#include <string_view>

#include "base/error.h"

namespace portalkey {

/// invalid_input unless Key Vault's firewall takes it: an IPv4 address or block (`203.0.113.5`, `203.0.113.0/24`) of the public
/// network. Private, loopback, link-local and multicast ones are refused by the service when the rest of a set-up is made
/// already. Source: learn.microsoft.com/azure/key-vault/general/network-security; the ranges as the service's own refusals name
/// them.
Result<void> check_firewall_address(std::string_view text);

}  // namespace portalkey
