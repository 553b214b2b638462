#pragma once
// A sign-in with a hardware token as second factor, as far as the token decides it: whether its owner would get in.

#include <string>
#include <string_view>

#include "sandbox/world/world.h"

namespace portalkey::sandbox {

struct TokenSignIn {
  const OathToken* token = nullptr;  ///< whose code it was; nullptr: nobody gets in
  std::string reason;                ///< why not: one sentence, without the code
};

/// Tries the code with each active token of the user; the token that has it keeps what its clock shows.
TokenSignIn sign_in_with_token(World& world, const SandboxUser& user, std::string_view code);

}  // namespace portalkey::sandbox
