#pragma once
// How PSKC files and their drafts write numbers, dates, key types and hashes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seeds/model/token_seed.h"

namespace portalkey {

/// Base64 with white space anywhere (RFC 6030 examples break it into lines); nullopt if anything else is in it. The result may
/// be a key: wipe it.
std::optional<std::string> base64_with_blanks(std::string_view text);

/// Decimal, as RFC 6030 has it, or the drafts' base64 of decimal digits or of a big-endian number of up to 8 bytes.
std::optional<std::int64_t> pskc_number(std::string_view text);
/// The same without the base64, as encrypted numbers are.
std::optional<std::int64_t> pskc_number_of_bytes(std::string_view bytes);

/// `true`, `false`, `1`, `0` (XML Schema).
bool is_boolean(std::string_view text);

/// YYYY-MM-DD of an xsd:dateTime, or of the first draft's MM/DD/YYYY (DD/MM/YYYY where only that can be); nullopt if it is
/// neither.
std::optional<std::string> pskc_date(std::string_view text);

/// By the end of the URI: `…:hotp`, `…#totp`, `HOTP`, `…#OCRA-1:HOTP-SHA1-6:QN08`. Other names are `other`, none is `unknown`.
OtpType pskc_type(std::string_view algorithm);
/// The suite in a draft's OCRA algorithm, or nothing.
std::string_view suite_of(std::string_view algorithm);

/// The hash that a Suite names; absent means SHA-1 for HOTP and TOTP (RFC 4226, 6238). nullopt: not known, or no such key.
std::optional<Hash> pskc_hash(OtpType type, std::string_view suite);

/// Whether a UserId can be the name of an Entra user: one `@` with something on both sides, no blank, comma or `=` (which
/// distinguished names have).
bool may_be_upn(std::string_view user);

}  // namespace portalkey
