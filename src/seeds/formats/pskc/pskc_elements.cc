#include "seeds/formats/pskc/pskc_elements.h"

#include <algorithm>
#include <array>

namespace portalkey {
namespace {

using enum PskcElement;

struct Child {
  PskcElement parent;
  std::string_view name;
  PskcElement element;
};

// Ascending by parent; where a parent has many children, the usual ones first.
constexpr Child kChildren[] = {
    {container, "KeyPackage", package},
    {container, "Device", package},
    {container, "EncryptionKey", encryption_key},
    {container, "EncryptionMethod", old_encryption},
    {container, "MACMethod", mac_method},
    {container, "DigestMethod", mac_method},
    {container, "MACAlgorithm", mac_algorithm},
    {container, "Signature", signature},
    {encryption_key, "KeyName", key_name},
    {encryption_key, "DerivedKey", derived_key},
    {encryption_key, "X509Data", certificate},
    {encryption_key, "EncryptedKey", certificate},
    {encryption_key, "KeyValue", certificate},
    {derived_key, "KeyDerivationMethod", derivation},
    {derived_key, "MasterKeyName", key_name},
    {derived_key, "CarriedKeyName", key_name},
    {derivation, "PBKDF2-params", pbkdf2},
    {pbkdf2, "Salt", salt},
    {pbkdf2, "IterationCount", rounds},
    {pbkdf2, "KeyLength", key_length},
    {pbkdf2, "PRF", prf},
    {salt, "Specified", salt_value},
    {old_encryption, "PBESalt", old_salt},
    {old_encryption, "PBEIterationCount", old_rounds},
    {old_encryption, "IV", old_iv},
    {old_encryption, "InitializationVector", old_iv},
    {mac_method, "MACKey", mac_key},
    {mac_method, "MACKeyReference", mac_key_reference},
    {mac_key, "EncryptionMethod", encryption_method},
    {mac_key, "CipherData", cipher_data},
    {package, "DeviceInfo", device_info},
    {package, "Key", key},
    {package, "DeviceId", device_info},
    {package, "Secret", key},
    {device_info, "Manufacturer", manufacturer},
    {device_info, "SerialNo", serial},
    {device_info, "Model", model},
    {device_info, "IssueNo", issue_no},
    {device_info, "StartDate", start_date},
    {device_info, "ExpiryDate", expiry_date},
    {device_info, "Expiry", expiry_date},
    {device_info, "UserId", user_id},
    {key, "AlgorithmParameters", parameters},
    {key, "Data", data},
    {key, "Policy", policy},
    {key, "UserId", user_id},
    {key, "FriendlyName", friendly_name},
    {key, "Usage", parameters},
    {key, "KeyReference", key_reference},
    {key, "StartDate", start_date},
    {key, "ExpiryDate", expiry_date},
    {parameters, "ResponseFormat", response_format},
    {parameters, "Suite", suite},
    {parameters, "ChallengeFormat", challenge_format},
    {data, "Secret", value},
    {data, "Time", value},
    {data, "TimeInterval", value},
    {data, "Counter", value},
    {data, "TimeDrift", value},
    {data, "Value", old_value},
    {data, "ValueDigest", value_mac},
    {data, "ValueMAC", value_mac},
    {data, "PlainValue", plain_value},
    {data, "EncryptedValue", encrypted_value},
    {value, "PlainValue", plain_value},
    {value, "EncryptedValue", encrypted_value},
    {value, "ValueMAC", value_mac},
    {value, "ValueDigest", value_mac},
    {value, "Value", old_value},
    {encrypted_value, "EncryptionMethod", encryption_method},
    {encrypted_value, "CipherData", cipher_data},
    {encrypted_value, "KeyInfo", key_info},
    {key_info, "EncryptedKey", certificate},
    {key_info, "X509Data", certificate},
    {key_info, "KeyValue", certificate},
    {encryption_method, "EncryptionScheme", encryption_scheme},
    {cipher_data, "CipherValue", cipher_value},
    {policy, "StartDate", start_date},
    {policy, "ExpiryDate", expiry_date},
    {policy, "NumberOfTransactions", transactions},
    {policy, "PINPolicy", pin_policy},
};
static_assert(std::ranges::is_sorted(kChildren, {}, &Child::parent));

/// Where each parent's children begin. They end where the next one's begin.
constexpr auto kBegins = [] {
  std::array<std::uint8_t, static_cast<std::size_t>(signature) + 2> begins{};
  for (std::size_t parent = 0; parent < begins.size(); ++parent) {
    const auto found =
        std::ranges::lower_bound(kChildren, parent, {}, [](const Child& c) { return static_cast<std::size_t>(c.parent); });
    begins[parent] = static_cast<std::uint8_t>(found - std::begin(kChildren));
  }
  return begins;
}();

}  // namespace

PskcElement pskc_element(PskcElement parent, std::string_view name) {
  const auto i = static_cast<std::size_t>(parent);
  for (std::size_t child = kBegins[i]; child < kBegins[i + 1]; ++child) {
    if (kChildren[child].name == name) return kChildren[child].element;
  }
  return ignored;
}

bool has_text(PskcElement element) {
  switch (element) {
    case key_name:
    case salt_value:
    case rounds:
    case key_length:
    case prf:
    case old_salt:
    case old_rounds:
    case old_iv:
    case mac_algorithm:
    case manufacturer:
    case serial:
    case issue_no:
    case model:
    case start_date:
    case expiry_date:
    case user_id:
    case suite:
    case friendly_name:
    case key_reference:
    case plain_value:
    case old_value:
    case cipher_value:
    case value_mac:
    case transactions: return true;
    default: return false;
  }
}

bool is_rfc6030_namespace(std::string_view ns) { return ns == "urn:ietf:params:xml:ns:keyprov:pskc"; }

bool is_draft_namespace(std::string_view ns) {
  return ns.starts_with("urn:ietf:params:xml:ns:keyprov:") || ns.starts_with("http://www.ietf.org/keyprov/pskc") ||
         (ns.starts_with("http://www.openauthentication.org/OATH/") && ns.ends_with("/PSKC"));
}

bool is_pskc_namespace(std::string_view ns) {
  return is_rfc6030_namespace(ns) || ns == "http://www.w3.org/2001/04/xmlenc#" || ns == "http://www.w3.org/2000/09/xmldsig#" ||
         ns == "http://www.w3.org/2009/xmlenc11#" || ns == "http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#" ||
         is_draft_namespace(ns);
}

}  // namespace portalkey
