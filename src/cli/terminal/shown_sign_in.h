#pragma once

#include <string>

#include "app/interaction.h"

namespace portalkey {

/// The page as this machine's browser opens it: the sandbox's own where there is one, otherwise Entra's.
std::string page_to_open(const SignInPage& page, const SignIn& sign_in);

/// The command that brings a port of this machine to the one a person sits at. `connection`: $SSH_CONNECTION (client's address
/// and port, this machine's address and port), which tells how that person came here; `host`: this machine's name, where it
/// does not.
std::string port_forward(std::uint16_t port, const std::string& user, const std::string& connection, const std::string& host);

}  // namespace portalkey
