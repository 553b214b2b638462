#pragma once
// The elements of PSKC that the reader uses, by where they stand: RFC 6030 §4 and the drafts before it.

#include <cstdint>
#include <string_view>

namespace portalkey {

enum class PskcElement : std::uint8_t {
  ignored,  ///< foreign, or of no use: with all that is in it
  container,
  encryption_key,
  key_name,
  certificate,  ///< X509Data, EncryptedKey: the key is for somebody's private key
  derived_key,
  derivation,
  pbkdf2,
  salt,
  salt_value,
  rounds,
  key_length,
  prf,
  old_encryption,  ///< the drafts' EncryptionMethod
  old_salt,
  old_rounds,
  old_iv,  ///< the drafts' initialization vector for all values
  mac_method,
  mac_algorithm,
  mac_key,
  mac_key_reference,
  package,
  device_info,
  manufacturer,
  serial,
  issue_no,
  model,
  start_date,
  expiry_date,
  user_id,
  key,
  parameters,
  suite,
  response_format,
  challenge_format,
  friendly_name,
  key_reference,
  data,
  value,  ///< Secret, Counter, Time, TimeInterval, TimeDrift
  plain_value,
  old_value,
  encrypted_value,
  key_info,  ///< of one value
  encryption_method,
  encryption_scheme,
  cipher_data,
  cipher_value,
  value_mac,
  policy,
  transactions,
  pin_policy,
  signature,
};

/// What the element `name` is inside of `parent`.
PskcElement pskc_element(PskcElement parent, std::string_view name);

/// Whether its text is used.
bool has_text(PskcElement element);

/// Whether it is a namespace in which the elements above may stand: PSKC's, its drafts', XML Signature's, XML Encryption's,
/// PKCS #5's.
bool is_pskc_namespace(std::string_view ns);
/// The namespace of a file's root: RFC 6030's, or one older.
bool is_rfc6030_namespace(std::string_view ns);
bool is_draft_namespace(std::string_view ns);

}  // namespace portalkey
