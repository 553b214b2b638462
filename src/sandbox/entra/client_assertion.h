#pragma once
// `client_assertion`: what a client without a secret proves itself with.

#include <string>
#include <string_view>

#include "sandbox/entra/call.h"

namespace portalkey::sandbox {

struct AssertionVerdict {
  int error = 0;       ///< 0, or the AADSTS code of the refusal
  std::string detail;  ///< for the text of the error: the reason and the thumbprint, or the issuer, subject or audience
};

/// Judges a JWT signed by the key of a certificate of the app (RS256 or PS256; found by `x5t`, `x5t#S256` or `kid`), or
/// the token of an outside issuer that one of the app's federated credentials names. Times may be off by five minutes.
/// `jti` is not remembered: an assertion may come twice.
AssertionVerdict judge_assertion(const EntraCall& call, const SandboxApp& app, std::string_view assertion);

/// The client id an assertion claims to be from, unverified; empty if it says none.
std::string subject_of_assertion(std::string_view assertion);

}  // namespace portalkey::sandbox
