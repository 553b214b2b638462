#include "app/tenant/vault_passphrase.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/secret_file.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongest = 4096;

}  // namespace

std::string weakness_of(const Secret& passphrase) {
  static constexpr std::size_t kLeast = 12;
  static constexpr std::ptrdiff_t kLeastDifferent = 5;
  return passphrase.reveal([](std::string_view text) -> std::string {
    // Bytes of UTF-8 that begin a character.
    const auto length = std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (static_cast<std::size_t>(length) < kLeast) return fmt::format("it is shorter than {} characters", kLeast);
    std::array<bool, 256> there{};
    for (const char c : text) there[static_cast<unsigned char>(c)] = true;
    if (std::ranges::count(there, true) < kLeastDifferent)
      return fmt::format("it has fewer than {} different characters", kLeastDifferent);
    return {};
  });
}

Result<Secret> VaultPassphrase::get() {
  const std::lock_guard turn(mutex_);
  if (kept_.empty()) {
    auto passphrase = judged();
    if (!passphrase) return passphrase;
    kept_ = std::move(*passphrase);
  }
  return kept_.clone();
}

Result<Secret> VaultPassphrase::read(bool fresh) {
  if (!files_.passphrase_file.empty())
    return read_exact_secret_file(files_.passphrase_file, kLongest, "vault.passphrase_file in the profile");
  if (const auto named = environment_.variable("PORTALKEY_PASSPHRASE_FILE"); !named.empty())
    return read_exact_secret_file(named, kLongest, "PORTALKEY_PASSPHRASE_FILE");
  if (Secret given = environment_.secret("PORTALKEY_PASSPHRASE"); !given.empty()) return given;
  return interaction_.ask_passphrase({"the vault file", fresh});
}

Result<Secret> VaultPassphrase::judged() {
  const auto vault = file_exists(files_.vault), key = file_exists(files_.journal_key);
  if (!vault) return std::unexpected(vault.error());
  if (!key) return std::unexpected(key.error());
  const bool fresh = !*vault && (files_.session || !*key);
  auto passphrase = read(fresh);
  if (!passphrase) return passphrase;
  const auto weakness = weakness_of(*passphrase);
  if (weakness.empty()) return passphrase;
  constexpr const char* kWhy = "whoever gets a copy of the file can try passphrases for as long as they like";
  if (fresh) {
    return std::unexpected(Error{Errc::invalid_input,
                                 fmt::format("the passphrase is too weak for a new vault file: {}", weakness),
                                 fmt::format("Choose a longer one, say five words taken at random: {}.", kWhy),
                                 {{"file", files_.vault.string()}}});
  }
  interaction_.warn(fmt::format("the vault file's passphrase is weak: {}; {}", weakness, kWhy));
  return passphrase;
}

}  // namespace portalkey
