#pragma once
// The file that Entra's portal takes: "Upload hardware OATH tokens in CSV format", Microsoft Learn. UTF-8 without a byte
// order mark, CRLF, base32 in upper case without padding. Nothing is quoted: whether the portal understands quotes is not
// documented.

#include <string>
#include <string_view>

#include "seeds/model/token_seed.h"

namespace portalkey {

inline constexpr std::string_view kEntraCsvHeader = "upn,serial number,secret key,time interval,manufacturer,model\r\n";

/// Manufacturer or model as the file can hold it: a comma, quote or control character becomes a blank, and what would make a
/// spreadsheet take it for a formula (= + - @ at the beginning) goes.
std::string entra_csv_text(std::string_view text);

/// Adds the token's row. A comma, quote or control character in its UPN or serial number becomes a blank.
void append_entra_csv_row(std::string& out, const TokenSeed& token);

}  // namespace portalkey
