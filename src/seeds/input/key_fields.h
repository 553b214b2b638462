#pragma once
// Single values that several formats write the same way. Problems quote no value: what stands in the wrong place may be a key.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "otp/totp.h"
#include "seeds/input/secret_key.h"
#include "seeds/model/seed_file.h"

namespace portalkey {

inline constexpr int kMostDigits = 10;          // of a 31-bit number, RFC 4226 §5.3
inline constexpr int kMostShown = 1000;         // of what a key of another type shows, such as a YubiKey's 44
inline constexpr int kMostSeconds = 24 * 3600;  // of a time interval
inline constexpr std::int64_t kMostCounter = INT64_MAX;

/// Normalised base32. With `detect`, a text that could be hex as well is a problem that names the option. `usually`: how the
/// format has its keys if `encoding` does not say it; such a key may still be base64, if it can be nothing else.
std::expected<Secret, FieldProblem> key_of_text(std::string_view text, SecretEncoding encoding,
                                                SecretEncoding usually = SecretEncoding::detect);

/// `SHA1`, `sha-256`, `HmacSHA512`, `hmacsha1`, …
std::expected<Hash, FieldProblem> hash_of_text(std::string_view text);

/// A decimal number, blanks around it; `30.0` is 30.
std::expected<std::int64_t, FieldProblem> number_of_text(std::string_view text, std::int64_t least, std::int64_t most);

/// As people compare serial numbers: without blanks and leading zeros, in upper case.
std::string alike_serial(std::string_view serial);
/// Whether it is already written like that.
bool is_alike_form(std::string_view serial);

/// Puts what is wrong with a field into a problem.
void describe(RowProblem& problem, FieldProblem&& why);

/// Whether a serial number may be quoted: what looks like a secret key may be one, in the wrong place.
bool may_quote_serial(std::string_view serial);
/// The serial number, or nothing if it may not be quoted.
inline std::string quotable_serial(std::string_view serial) {
  return may_quote_serial(serial) ? std::string(serial) : std::string();
}

/// UTF-8 without control characters, and not longer than any name is.
bool is_clean_text(std::string_view text);

}  // namespace portalkey
