#include "vault/derived_keys.h"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <mutex>
#include <new>
#include <vector>

namespace portalkey {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::uint64_t kMostMemory = 1ULL << 30;
constexpr std::uint64_t kMostOperations = 16;
constexpr std::uint64_t kMostWork = 4 * kMostMemory;
constexpr std::size_t kMostKept = 16;  // a run has three sealed files

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// What was derived in this process. Passphrases are told apart by a keyed hash, the key of which is the process's own.
class Kept {
 public:
  Kept() {
    if (sodium_init() < 0) throw std::bad_alloc();
    randombytes_buf(hash_key_.data(), hash_key_.size());
  }

  Result<DerivedKey> derive(const Secret& passphrase, std::string_view salt, KeyCost cost) {
    const std::lock_guard turn(mutex_);
    const auto name = name_of(passphrase);
    for (const auto& one : entries_) {
      if (one.passphrase == name && one.derived.salt == salt && one.derived.cost == cost) return copy_of(one.derived);
    }
    std::array<char, kKeySize> key{};
    const int failed = passphrase.reveal([&](std::string_view text) {
      return crypto_pwhash(reinterpret_cast<unsigned char*>(key.data()), key.size(), text.data(), text.size(), bytes(salt),
                           cost.operations, cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
    });
    if (failed != 0) {
      return fail(Errc::unavailable,
                  fmt::format("making a key from the passphrase takes {} MiB of memory, which this machine did not give",
                              cost.memory_bytes >> 20),
                  "Free some memory, or raise the limit of this process or container.");
    }
    DerivedKey derived{cost, std::string(salt), Secret(std::string_view(key.data(), key.size()))};
    sodium_memzero(key.data(), key.size());
    if (entries_.size() == kMostKept) entries_.erase(entries_.begin());
    entries_.push_back({name, copy_of(derived)});
    return derived;
  }

  std::string salt_for(const Secret& passphrase, KeyCost cost) {
    const std::lock_guard turn(mutex_);
    const auto name = name_of(passphrase);
    for (const auto& one : entries_) {
      if (one.passphrase == name && one.derived.cost == cost) return one.derived.salt;
    }
    std::string salt(crypto_pwhash_SALTBYTES, '\0');
    randombytes_buf(salt.data(), salt.size());
    return salt;
  }

 private:
  using Name = std::array<unsigned char, 32>;
  struct Entry {
    Name passphrase;
    DerivedKey derived;
  };

  static DerivedKey copy_of(const DerivedKey& key) { return {key.cost, key.salt, key.key.clone()}; }

  Name name_of(const Secret& passphrase) const {
    Name name{};
    passphrase.reveal([&](std::string_view text) {
      crypto_generichash(name.data(), name.size(), bytes(text), text.size(), hash_key_.data(), hash_key_.size());
    });
    return name;
  }

  std::mutex mutex_;
  std::array<unsigned char, 32> hash_key_{};
  std::vector<Entry> entries_;
};

Kept& kept() {
  static Kept instance;
  return instance;
}

}  // namespace

KeyCost KeyCost::of_today() { return {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE}; }

bool KeyCost::bearable() const {
  return operations >= crypto_pwhash_OPSLIMIT_MIN && operations <= kMostOperations &&
         memory_bytes >= crypto_pwhash_MEMLIMIT_MIN && memory_bytes <= kMostMemory && operations * memory_bytes <= kMostWork;
}

bool KeyCost::outdated() const {
  const KeyCost today = of_today();
  return operations < today.operations || memory_bytes < today.memory_bytes;
}

Result<DerivedKey> derive_key(const Secret& passphrase, std::string_view salt, KeyCost cost) {
  if (!cost.bearable() || salt.size() != crypto_pwhash_SALTBYTES)
    return fail(Errc::invalid_input, "no key is made from a passphrase at this cost");
  return kept().derive(passphrase, salt, cost);
}

Result<DerivedKey> new_derived_key(const Secret& passphrase) {
  const KeyCost cost = KeyCost::of_today();
  return kept().derive(passphrase, kept().salt_for(passphrase, cost), cost);
}

}  // namespace portalkey
