#pragma once

#include <array>
#include <string_view>

namespace portalkey::sandbox {

/// What a user can have registered besides the password, which everybody has, and hardware OATH tokens; the names are those of
/// Graph's types without `AuthenticationMethod`.
inline constexpr std::array<std::string_view, 7> kUserMethods{
    "email", "fido2", "microsoftAuthenticator", "phone", "softwareOath", "temporaryAccessPass", "windowsHelloForBusiness"};

}  // namespace portalkey::sandbox
