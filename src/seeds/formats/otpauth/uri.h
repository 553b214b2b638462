#pragma once
// otpauth://TYPE/ISSUER:LABEL?secret=BASE32&issuer=…&algorithm=SHA1&digits=6&period=30, the "Key URI Format" of Google
// Authenticator's wiki. TYPE is totp, hotp (with `counter`), or, not in the wiki, steam. Defaults: SHA1, 6 digits, 30 seconds.

#include <string_view>

#include "base/error.h"
#include "base/secret.h"
#include "seeds/model/token_seed.h"

namespace portalkey {

/// `line`, `nth` and whom it is for stay empty; the issuer and the label are in `details`. A serial number is there only if the
/// URI has our own parameter `serial`. Parameters nobody knows are ignored, those that come twice are refused. An Error is
/// invalid_input, quotes nothing that could be the key, and has the context `field`, named as RowProblem::field.
Result<TokenSeed> parse_otpauth_uri(std::string_view uri);

/// The URI of a token, its secret key included. The label is the one it has, or else the UPN or the serial number; the issuer
/// the one it has, or else the manufacturer. The serial number goes into a parameter `serial`, which apps ignore and
/// `parse_otpauth_uri` reads. For types other than totp, hotp and steam it is empty.
Secret otpauth_uri(const TokenSeed& token);

}  // namespace portalkey
