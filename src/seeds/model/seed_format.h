#pragma once
// The formats of seed files, as people name them with --format, and the names that delimited text gives its columns.

#include <optional>
#include <string>
#include <string_view>

namespace portalkey {

enum class SeedFormat {
  entra_csv,          ///< any delimited text with a header, or in Entra's order without one
  oath_csv,           ///< serial, hex seed, type, digits, step: LinOTP, privacyIDEA, multiOTP
  yubico_csv,         ///< logs of the YubiKey Personalization Tool
  rcdevs_csv,         ///< RCDevs WebADM inventory
  bitwarden_csv,      ///< otpauth URIs in a column
  pskc,               ///< RFC 6030 and its drafts
  safenet_xml,        ///< SafeNet (Aladdin): Tokens/Token@serial
  deepnet_xml,        ///< tokens/token/seed
  safeword_dat,       ///< SafeWord / eToken PASS records
  otpauth,            ///< otpauth:// URIs, one a line
  otpauth_migration,  ///< Google Authenticator's export
  graph_json,         ///< the bulk body of Graph's hardwareOathDevices
  andotp_json,
  aegis_json,
  portalkey_json,  ///< what `portalkey tokens convert --to json` writes
};

/// `entra-csv`, `pskc`, …
std::string_view name_of(SeedFormat format);
std::optional<SeedFormat> seed_format(std::string_view name);

/// What a column of delimited text holds.
enum class Column {
  upn,
  serial,
  secret,
  interval,
  manufacturer,
  model,
  enabled,
  hash,
  digits,
  type,
  made,     ///< the date of manufacture
  replaces  ///< of a list of people only: the token that goes
};
inline constexpr std::size_t kColumns = 11;  ///< of a seed file: all but the last one

/// The column's name as Entra spells it.
std::string_view name_of(Column column);

/// The column that a file's header calls `header` holds `column`: `--map serial=Column`. A number counts columns from 1, unless
/// one is called so: `--map serial=2`.
struct ColumnName {
  Column column;
  std::string header;
  bool of_list = false;  ///< an assignment list has it: this file need not
};

}  // namespace portalkey
