#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/secret.h"
#include "otp/device_clock.h"
#include "otp/totp.h"

namespace portalkey {

/// What a key is for. `other` is named by `TokenDetails::algorithm`; `unknown` if the file does not say.
enum class OtpType { totp, hotp, ocra, pin, steam, other, unknown };

/// What richer formats than CSV say of a key. Text is empty where the file does not say.
struct TokenDetails {
  std::string algorithm;                ///< as the file names it, where `TokenSeed::type` is `other`
  std::string suite;                    ///< PSKC Suite, as written
  std::string issuer, label;            ///< of an otpauth URI
  std::string key_id, user_id;          ///< PSKC Key@Id; UserId
  std::string friendly_name;            ///< PSKC FriendlyName
  std::string issue_no;                 ///< PSKC IssueNo: which of several devices with one serial number
  std::string assign_to;                ///< the user's object id in Graph JSON
  std::string not_before, not_after;    ///< YYYY-MM-DD
  std::optional<std::int64_t> counter;  ///< of HOTP
  std::optional<std::int64_t> drift;    ///< PSKC TimeDrift: how many time intervals the device is ahead (+) or behind (-)
  std::optional<std::int64_t> time;     ///< PSKC Time: the device's, in time intervals, when that was measured
  std::string made;                     ///< the date of manufacture, YYYY-MM-DD
  std::optional<DeviceClock> clock;     ///< as a code of the device told it
};

/// One hardware OATH token as a seed file describes it.
struct TokenSeed {
  std::int64_t line = 0;  ///< where its row or element begins in the file, from 1
  std::int64_t nth = 0;   ///< which key of the file it is, from 1; 0 in delimited text, where the line alone tells it
  std::string upn;        ///< empty if the file does not say who gets it
  std::string serial;     ///< text, leading zeros kept; empty if the file has none
  Secret base32;          ///< the secret key: upper-case base32 without padding, otherwise as the file has it; may be empty
  std::string manufacturer;
  std::string model;
  OtpType type = OtpType::totp;
  std::optional<Hash> hash = Hash::sha1;  ///< nullopt: not known
  std::optional<int> digits = 6;
  std::optional<int> step;                ///< the time interval in seconds
  std::unique_ptr<TokenDetails> details;  ///< null if there are none

  /// The secret key's bytes, for computing codes. The reader has checked that it decodes.
  Secret key() const;
  /// Tells it from the file's other tokens, and ascends with them.
  std::int64_t place() const { return nth != 0 ? nth : line; }
  TokenDetails& detailed() {
    if (!details) details = std::make_unique<TokenDetails>();
    return *details;
  }
};

/// As in JSON: `totp`, …; empty for `unknown`.
std::string_view name_of(OtpType type);
/// `sha1`, `sha256`, `sha512`.
std::string_view name_of(Hash hash);

}  // namespace portalkey
