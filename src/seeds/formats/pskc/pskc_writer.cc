#include "seeds/formats/pskc/pskc_writer.h"

#include <fmt/format.h>

#include <iterator>

#include "base/base64.h"
#include "seeds/formats/pskc/pskc_cipher.h"

namespace portalkey {
namespace {

constexpr std::string_view kCipher = "http://www.w3.org/2001/04/xmlenc#aes128-cbc";
constexpr std::string_view kMac = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";
constexpr std::string_view kTypes = "urn:ietf:params:xml:ns:keyprov:pskc:";
constexpr std::size_t kBlock = 16;
constexpr std::size_t kMacKeyBytes = 32;  // as long as the hash: RFC 2104 §3
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kRoom = 8192;  // of one key's text, so that it need not grow and leave copies behind

void put_escaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': to += "&amp;"; break;
      case '<': to += "&lt;"; break;
      case '>': to += "&gt;"; break;
      case '"': to += "&quot;"; break;
      default: to += c;
    }
  }
}

void put_element(std::string& to, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  fmt::format_to(std::back_inserter(to), "<{}>", name);
  put_escaped(to, text);
  fmt::format_to(std::back_inserter(to), "</{}>", name);
}

void put_value(std::string& to, std::string_view name, std::int64_t number) {
  fmt::format_to(std::back_inserter(to), "<{0}><PlainValue>{1}</PlainValue></{0}>", name, number);
}

std::string algorithm_of(const TokenSeed& token) {
  if (token.type == OtpType::unknown) return {};
  if (token.type == OtpType::other || token.type == OtpType::steam) {
    const bool named = token.details && !token.details->algorithm.empty();
    return named ? token.details->algorithm : std::string(name_of(token.type));
  }
  return fmt::format("{}{}", kTypes, name_of(token.type));
}

std::string_view suite_of(const TokenSeed& token) {
  if (token.type == OtpType::totp || token.type == OtpType::hotp) {
    if (token.hash == Hash::sha256) return "HMAC-SHA256";
    if (token.hash == Hash::sha512) return "HMAC-SHA512";
    if (token.hash == Hash::sha1) return {};  // what absence means
  }
  return token.details ? std::string_view(token.details->suite) : std::string_view();
}

bool fits_xml(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

}  // namespace

PskcWriter::PskcWriter(const PskcProtection& protection, RandomSource random, std::function<Result<void>(std::string_view)> out,
                       int rounds)
    : protection_(protection), random_(std::move(random)), out_(std::move(out)), rounds_(rounds) {}

PskcWriter::~PskcWriter() = default;

Result<void> PskcWriter::write(std::string& text) {
  auto done = out_(text);
  wipe(text);
  return done;
}

std::string PskcWriter::sealed(std::string_view clear) {
  return key_.reveal([&](std::string_view key) { return encrypt_aes128_cbc(key, random_(kBlock), clear); });
}

Result<void> PskcWriter::begin() {
  if (protection_.key != nullptr && protection_.passphrase != nullptr) {
    return fail(Errc::invalid_input, "PSKC is encrypted with a key or a passphrase, not both", "Give one of the two.");
  }
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"";
  encrypted_ = protection_.key != nullptr || protection_.passphrase != nullptr;
  if (!encrypted_) {
    text += ">\n";
    return write(text);
  }
  text +=
      " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" xmlns:xenc=\"http://www.w3.org/2001/04/xmlenc#\""
      " xmlns:xenc11=\"http://www.w3.org/2009/xmlenc11#\""
      " xmlns:pkcs5=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#\">\n"
      "<EncryptionKey>";
  if (protection_.key != nullptr) {
    if (protection_.key->size() != 16) {
      return fail(Errc::invalid_input, fmt::format("the key for AES-128 has {} bytes, not 16", protection_.key->size()),
                  "Give 32 hex digits, or use a passphrase.");
    }
    key_ = protection_.key->clone();
    put_element(text, "ds:KeyName", protection_.key_name.empty() ? "Pre-shared-key" : protection_.key_name);
  } else {
    if (protection_.passphrase->empty()) {
      return fail(Errc::invalid_input, "the passphrase is empty", "Put one into the passphrase's file.");
    }
    const auto salt = random_(kSaltBytes);
    key_ = pbkdf2(pskc_hmac("hmac-sha256"), *protection_.passphrase, salt, rounds_, 16);
    // RFC 6030 figure 7 has what is in the parameters in no namespace; python-pskc and others match the local names.
    fmt::format_to(std::back_inserter(text),
                   "<xenc11:DerivedKey><xenc11:KeyDerivationMethod "
                   "Algorithm=\"http://www.rsasecurity.com/rsalabs/pkcs/schemas/pkcs-5v2-0#pbkdf2\">"
                   "<pkcs5:PBKDF2-params><Salt xmlns=\"\"><Specified>{}</Specified></Salt>"
                   "<IterationCount xmlns=\"\">{}</IterationCount><KeyLength xmlns=\"\">16</KeyLength>"
                   "<PRF xmlns=\"\" Algorithm=\"{}\"/></pkcs5:PBKDF2-params></xenc11:KeyDerivationMethod>",
                   base64(salt), rounds_, kMac);
    put_element(text, "xenc11:MasterKeyName", protection_.key_name.empty() ? "Passphrase" : protection_.key_name);
    text += "</xenc11:DerivedKey>";
  }
  std::string mac_key = random_(kMacKeyBytes);
  mac_key_ = Secret(std::string_view(mac_key));
  fmt::format_to(std::back_inserter(text),
                 "</EncryptionKey>\n<MACMethod Algorithm=\"{}\"><MACKey><xenc:EncryptionMethod Algorithm=\"{}\"/>"
                 "<xenc:CipherData><xenc:CipherValue>{}</xenc:CipherValue></xenc:CipherData></MACKey></MACMethod>\n",
                 kMac, kCipher, base64(sealed(mac_key)));
  wipe(mac_key);
  return write(text);
}

void PskcWriter::add_secret(std::string& text, const TokenSeed& token) {
  if (token.base32.empty()) return;
  const Secret key = token.key();
  key.reveal([&](std::string_view bytes) {
    if (!encrypted_) {
      std::string encoded = base64(bytes);
      fmt::format_to(std::back_inserter(text), "<Secret><PlainValue>{}</PlainValue></Secret>", encoded);
      return wipe(encoded);
    }
    const auto cipher_text = sealed(bytes);
    const auto mac = mac_key_.reveal([&](std::string_view k) { return hmac(pskc_hmac(kMac), k, cipher_text); });
    fmt::format_to(std::back_inserter(text),
                   "<Secret><EncryptedValue><xenc:EncryptionMethod Algorithm=\"{}\"/><xenc:CipherData><xenc:CipherValue>{}"
                   "</xenc:CipherValue></xenc:CipherData></EncryptedValue><ValueMAC>{}</ValueMAC></Secret>",
                   kCipher, base64(cipher_text), base64(mac));
  });
}

Result<void> PskcWriter::add(const TokenSeed& token) {
  ++keys_;
  static const TokenDetails kNone;
  const auto& details = token.details ? *token.details : kNone;
  const std::string_view user = token.upn.empty() ? std::string_view(details.user_id) : token.upn;
  for (const std::string_view field :
       {std::string_view(token.serial), std::string_view(token.manufacturer), std::string_view(token.model), user,
        std::string_view(details.friendly_name), std::string_view(details.key_id), std::string_view(details.issuer),
        std::string_view(details.suite), std::string_view(details.algorithm)}) {
    if (!fits_xml(field)) {
      return fail(Errc::invalid_input, fmt::format("key {} has a control character in its text, which XML cannot hold", keys_),
                  "Correct it in the file it comes from.");
    }
  }
  std::string text;
  text.reserve(kRoom);
  text += "<KeyPackage>";
  const bool has_dates = !details.not_before.empty() || !details.not_after.empty();
  if (!token.serial.empty() || !token.manufacturer.empty() || !token.model.empty() || has_dates || !details.issue_no.empty()) {
    text += "<DeviceInfo>";
    put_element(text, "Manufacturer", token.manufacturer);
    put_element(text, "SerialNo", token.serial);
    put_element(text, "Model", token.model);
    if (!details.issue_no.empty()) put_element(text, "IssueNo", details.issue_no);
    if (!details.not_before.empty()) put_element(text, "StartDate", details.not_before + "T00:00:00Z");
    if (!details.not_after.empty()) put_element(text, "ExpiryDate", details.not_after + "T00:00:00Z");
    text += "</DeviceInfo>";
  }
  text += "<Key Id=\"";
  put_escaped(text, !details.key_id.empty() ? details.key_id : !token.serial.empty() ? token.serial : std::to_string(keys_));
  text += '"';
  if (const auto algorithm = algorithm_of(token); !algorithm.empty()) {
    text += " Algorithm=\"";
    put_escaped(text, algorithm);
    text += '"';
  }
  text += '>';
  put_element(text, "Issuer", details.issuer);
  const auto suite = suite_of(token);
  if (!suite.empty() || token.digits) {
    text += "<AlgorithmParameters>";
    put_element(text, "Suite", suite);
    if (token.digits)
      fmt::format_to(std::back_inserter(text), "<ResponseFormat Length=\"{}\" Encoding=\"DECIMAL\"/>", *token.digits);
    text += "</AlgorithmParameters>";
  }
  put_element(text, "FriendlyName", details.friendly_name);
  text += "<Data>";
  add_secret(text, token);
  if (details.counter) {
    put_value(text, "Counter", *details.counter);
  } else if (token.type == OtpType::hotp) {
    put_value(text, "Counter", 0);  // RFC 6030 §10.1 wants one
  }
  if (token.type == OtpType::totp && token.step) {
    put_value(text, "Time", details.time.value_or(0));
    put_value(text, "TimeInterval", *token.step);
  }
  if (details.drift) put_value(text, "TimeDrift", *details.drift);
  text += "</Data>";
  put_element(text, "UserId", user);
  text += "</Key></KeyPackage>\n";
  return write(text);
}

Result<void> PskcWriter::end() {
  std::string text = "</KeyContainer>\n";
  return write(text);
}

}  // namespace portalkey
