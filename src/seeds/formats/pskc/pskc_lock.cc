#include "seeds/formats/pskc/pskc_lock.h"

#include <fmt/format.h>

#include "base/ascii.h"

namespace portalkey {
namespace {

constexpr std::string_view kAskVendor = "Ask the vendor for the file with a pre-shared key or a passphrase, or as CSV.";
constexpr std::size_t kMostSalt = 1024;

std::unexpected<Error> refuse(std::string what, std::string_view remedy) {
  return fail(Errc::invalid_input, std::move(what), std::string(remedy));
}

/// A name from the file, for messages: short, and nothing but what names are made of.
std::string named(std::string_view text) {
  std::string out(text.substr(0, 100));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  }
  return out;
}

std::string short_name(std::string_view algorithm) {
  const auto hash = algorithm.rfind('#');
  return named(hash == std::string_view::npos ? algorithm : algorithm.substr(hash + 1));
}

std::unexpected<Error> does_not_fit() {
  return refuse("the key or passphrase does not fit, or the file was altered; nothing of it is used",
                "Check that key or passphrase belong to this very file, and fetch the file again if they do.");
}

std::unexpected<Error> for_a_certificate() {
  return refuse("the keys in this file are encrypted for a certificate (X.509, public key), which is not supported",
                kAskVendor);
}

}  // namespace

Result<void> PskcLock::derive(const PskcCipher& cipher, std::string_view algorithm) {
  if (!info.old_algorithm.empty()) {
    info.rounds = info.rounds.value_or(0);
  } else if (!lower(info.derivation).ends_with("#pbkdf2")) {
    return refuse(fmt::format("the key is derived with \"{}\", and only PBKDF2 is known", short_name(info.derivation)),
                  kAskVendor);
  }
  const auto* prf = info.prf.empty() ? pskc_hmac("hmac-sha1") : pskc_hmac(info.prf);
  if (prf == nullptr) {
    return refuse(fmt::format("PBKDF2 with the function \"{}\" is not known", short_name(info.prf)), kAskVendor);
  }
  if (!info.salt || info.salt->empty() || info.salt->size() > kMostSalt) {
    return refuse(fmt::format("the PBKDF2 salt is missing or longer than {} bytes", kMostSalt), kAskVendor);
  }
  if (!info.rounds || *info.rounds < 1) return refuse("the PBKDF2 iteration count is missing or not positive", kAskVendor);
  if (*info.rounds > most_rounds_) {
    return refuse(fmt::format("the PBKDF2 iteration count is {}, more than {}", *info.rounds, most_rounds_),
                  "It would take too long; ask where this file comes from.");
  }
  const auto size = info.key_bytes.value_or(static_cast<std::int64_t>(cipher.key_bytes));
  if (size < 1 || !cipher.takes(static_cast<std::size_t>(size))) {  // before the work, which grows with the size
    return refuse(fmt::format("PBKDF2 is to make a key of {} bytes, and the cipher {} takes {}", size, short_name(algorithm),
                              cipher.wanted()),
                  kAskVendor);
  }
  derived_ = pbkdf2(prf, *given_passphrase_, *info.salt, *info.rounds, static_cast<std::size_t>(size));
  return {};
}

Result<const Secret*> PskcLock::key_for(const PskcCipher& cipher, std::string_view algorithm) {
  if (info.by_certificate) return for_a_certificate();
  const std::string of_name = info.key_name.empty() ? "" : fmt::format(" \"{}\"", named(info.key_name));
  const bool by_passphrase = info.derived || (lower(info.old_algorithm).starts_with("pbe-"));
  const Secret* key = given_key_;
  if (by_passphrase) {
    if (given_passphrase_ == nullptr) {
      return refuse(fmt::format("the keys in this file are encrypted with a passphrase{}", of_name),
                    "Give the passphrase with [[setting|passphrase-file|FILE]]; the vendor sends it apart from the file.");
    }
    if (derived_.empty()) {
      if (auto done = derive(cipher, algorithm); !done) return pass(done);
    }
    key = &derived_;
  } else if (key == nullptr) {
    return refuse(fmt::format("the keys in this file are encrypted with a pre-shared key{}", of_name),
                  "Give the key with [[setting|key-file|FILE]], as hex digits; the vendor sends it apart from the file.");
  }
  if (!cipher.takes(key->size())) {
    return refuse(fmt::format("the cipher {} takes a key of {} bytes, and the {} has {}", short_name(algorithm),
                              cipher.wanted(), by_passphrase ? "derived one" : "one given", key->size()),
                  by_passphrase ? kAskVendor : "Check that the key file has the whole key, and nothing else.");
  }
  return key;
}

/// The hash and key of the MACs, when the first one is needed.
Result<void> PskcLock::ready_mac() {
  if (mac_hash_ != nullptr) return {};
  const auto* hash = pskc_hmac(info.mac_algorithm);
  if (hash == nullptr) {
    return refuse(fmt::format("the MAC algorithm \"{}\" is not known, so it cannot be checked that nobody altered the file",
                              short_name(info.mac_algorithm)),
                  kAskVendor);
  }
  if (info.mac_key_by_reference) return refuse("the MAC key is only referred to, not in the file", kAskVendor);
  if (!info.mac_key) {
    mac_hash_ = hash;  // the drafts' way: the encryption key, see open()
    return {};
  }
  if (info.mac_key_algorithm.empty()) return refuse("the MACKey names no encryption algorithm", kAskVendor);
  const auto cipher = pskc_cipher(info.mac_key_algorithm);
  if (!cipher) {
    return refuse(fmt::format("the cipher \"{}\" of the MAC key is not known", short_name(info.mac_key_algorithm)), kAskVendor);
  }
  const auto key = key_for(*cipher, info.mac_key_algorithm);
  if (!key) return std::unexpected(key.error());
  auto opened = decrypt(*cipher, **key, info.mac_key_text);
  if (!opened || opened->empty()) return does_not_fit();
  mac_key_ = std::move(*opened);
  mac_hash_ = hash;
  return {};
}

Result<Secret> PskcLock::open(const PskcSealed& sealed) {
  const std::string_view algorithm = sealed.algorithm.empty() ? std::string_view(info.old_algorithm) : sealed.algorithm;
  if (trimmed(algorithm).empty()) {
    return refuse("an encrypted value names no encryption algorithm", kAskVendor);
  }
  if (lower(short_name(algorithm)).find("rsa") != std::string::npos) info.by_certificate = true;
  if (info.by_certificate) return for_a_certificate();
  const auto cipher = pskc_cipher(algorithm);
  if (!cipher) return refuse(fmt::format("the cipher \"{}\" is not known", short_name(algorithm)), kAskVendor);
  // Drafts have one initialization vector for the whole file; later ones, and RFC 6030, one before each value.
  const bool apart = cipher->mode == PskcCipher::Mode::cbc && !info.old_iv.empty();
  const std::string with_iv = apart ? info.old_iv + std::string(sealed.cipher_text) : std::string();
  const std::string_view cipher_text = apart ? std::string_view(with_iv) : sealed.cipher_text;
  if (!info.mac && sealed.mac) {
    return refuse("a value has a MAC, but the file does not say which kind (no MACMethod)", kAskVendor);
  }
  // A wrapped key tells by itself that it is whole (RFC 6030 §6.1.1 asks for a MAC where the cipher does not).
  const bool checked = cipher->mode == PskcCipher::Mode::wrap && !sealed.mac;
  if (info.mac && !sealed.mac && !checked) {
    return refuse("the file declares MACs, but an encrypted value has none: somebody may have altered it",
                  "Fetch the file again, or ask the vendor.");
  }
  const auto key = key_for(*cipher, algorithm);
  if (!key) return std::unexpected(key.error());
  std::optional<Secret> early;
  if (info.mac && !checked) {
    if (auto ready = ready_mac(); !ready) return pass(ready);
    const Secret& mac_key = info.mac_key ? mac_key_ : **key;
    const auto matches = [&](std::string_view text) {
      return mac_key.reveal([&](std::string_view k) { return same_mac(hmac(mac_hash_, k, text), *sealed.mac); });
    };
    if (!matches(sealed.cipher_text)) {
      // Older drafts, and files after them, take the MAC of the clear text.
      auto clear = decrypt(*cipher, **key, cipher_text);
      if (!clear || !clear->reveal(matches)) return does_not_fit();
      early = std::move(*clear);
    }
  }
  if (!early) {
    auto clear = decrypt(*cipher, **key, cipher_text);
    if (!clear) return does_not_fit();
    early = std::move(*clear);
  }
  if (!info.mac && cipher->mode == PskcCipher::Mode::cbc) without_mac_ = true;
  used_ = true;
  if (used_algorithm_.empty()) used_algorithm_ = short_name(algorithm);
  return std::move(*early);
}

Result<void> PskcLock::check_plain(std::string_view clear, std::string_view mac) {
  if (!info.mac) return refuse("a value has a MAC, but the file does not say which kind (no MACMethod)", kAskVendor);
  if (!info.mac_key)
    return refuse("a plain value has a MAC, but the file has no MAC key", "Ask the vendor for the file without it.");
  if (auto ready = ready_mac(); !ready) return ready;
  const bool same = mac_key_.reveal([&](std::string_view k) { return same_mac(hmac(mac_hash_, k, clear), mac); });
  if (!same) return does_not_fit();
  return {};
}

std::string PskcLock::described() const {
  const bool passphrase = !derived_.empty();
  return fmt::format("The values are encrypted ({}, {}).", used_algorithm_, passphrase ? "passphrase" : "pre-shared key") +
         (mac_hash_ != nullptr ? fmt::format(" Every MAC ({}) was checked.", short_name(info.mac_algorithm)) : "");
}

}  // namespace portalkey
