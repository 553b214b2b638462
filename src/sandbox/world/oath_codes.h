#pragma once
// Which codes of a token count, and what they teach about its clock.
// Source: learn.microsoft.com/entra/identity/authentication/concept-authentication-oath-tokens.

#include <string_view>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

/// How far from this moment the code of an activation may be.
enum class ActivationWindow {
  narrow,  ///< the step before and the step after: what is safe to assume of the portal's backend
  wide,    ///< a day either way (30-second tokens), two days (60-second ones): what Microsoft documents for OATH tokens
};

/// Whether an activation may be done with that code: one of the token's in the window, but not the one it took last. If so, it
/// is used, and how far the device's clock is from ours is learnt. Where several steps have that code, the nearest counts.
bool take_activation_code(const World& world, OathToken& token, std::string_view code, ActivationWindow window);

/// Whether somebody could sign in with that code: it is at most a minute (30-second tokens) or two (60-second ones) from what
/// the device's clock, as learnt, shows now, and later than any code taken before. If so, it is used and the drift follows.
bool take_sign_in_code(const World& world, OathToken& token, std::string_view code);

}  // namespace portalkey::sandbox
