#include "entra/escrow.h"

#include <fmt/format.h>

#include "base/files.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret_json.h"
#include "vault/sealed_file.h"

namespace portalkey {
namespace {

namespace json = boost::json;

std::filesystem::path key_path(const std::filesystem::path& escrow) { return escrow.string() + ".key"; }

Result<SealKey> read_local_key(const std::filesystem::path& path) {
  auto bytes = read_file(path, 4096, FileUse::secret);
  if (!bytes) return pass(bytes);
  if (bytes->size() != 32) {
    return std::unexpected(Error{Errc::corrupt, "the escrow's key file is damaged", "", {{"file", path.string()}}});
  }
  return SealKey::from_bytes(std::move(*bytes));
}

Result<SealKey> local_key(const std::filesystem::path& path) {
  auto key = read_local_key(path);
  if (key || (key.error().code != Errc::not_found && key.error().code != Errc::corrupt)) return key;
  const Secret bytes = SealKey::random_bytes();
  auto written = bytes.reveal([&](std::string_view text) { return write_file_atomically(path, text); });
  if (!written) return pass(written);
  return SealKey::from_bytes(bytes.clone());
}

}  // namespace

Escrow::Escrow(std::filesystem::path path, std::optional<PassphraseSource> passphrase)
    : path_(std::move(path)), passphrase_(std::move(passphrase)) {}

bool Escrow::exists() const {
  std::error_code ignored;
  return std::filesystem::exists(path_, ignored);
}

Result<std::optional<EscrowedToken>> Escrow::load() {
  remove_interrupted_writes(path_);
  remove_interrupted_writes(key_path(path_));
  const auto there = file_exists(path_);
  if (!there) return std::unexpected(there.error());
  if (!*there) return std::nullopt;
  Result<Secret> contents = [&]() -> Result<Secret> {
    if (passphrase_) {
      auto passphrase = (*passphrase_)();
      if (!passphrase) return pass(passphrase);
      auto unsealed = SealedFile::read_with_passphrase(path_, *passphrase);
      if (!unsealed) return pass(unsealed);
      return std::move(unsealed->contents);
    }
    auto key = read_local_key(key_path(path_));
    if (!key && key.error().code == Errc::not_found)
      return std::unexpected(Error{Errc::corrupt, "the escrow's key is gone", "", {}});
    if (!key) return pass(key);
    return SealedFile::read_with_key(path_, *key);
  }();
  json::value parsed;
  if (contents) {
    boost::system::error_code problem;
    contents->reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
    if (problem || !parsed.is_object()) contents = fail(Errc::corrupt, "the escrow's contents are not what portalkey writes");
  }
  if (!contents) {
    const bool unusable =
        contents.error().code == Errc::corrupt || (contents.error().code == Errc::unauthenticated && !passphrase_);
    if (!unusable) return pass(contents);
    const auto aside = path_.string() + ".unreadable-" + Random().guid();
    std::error_code problem;
    std::filesystem::rename(path_, aside, problem);
    log(LogLevel::warning, fmt::format("the escrow cannot be opened ({}); moved aside to {}", contents.error().what, aside));
    return std::nullopt;
  }
  try {
    EscrowedToken token;
    token.refresh_token = Secret(parsed.at("refreshToken").as_string());
    token.successor_of = std::string(parsed.at("successorOf").as_string());
    token.account = std::string(parsed.at("account").as_string());
    token.obtained = from_unix_seconds(parsed.at("obtained").as_int64());
    if (const auto* roles = parsed.as_object().if_contains("roles"); roles != nullptr && roles->is_string())
      token.roles = std::string(roles->get_string());
    return token;
  } catch (const std::exception&) {
    return std::unexpected(Error{Errc::corrupt,
                                 "the escrow was written by a newer version of portalkey",
                                 "Use that version.",
                                 {{"file", path_.string()}}});
  }
}

Result<void> Escrow::save(const EscrowedToken& token) {
  auto key = [&]() -> Result<SealKey> {
    if (!passphrase_) return local_key(key_path(path_));
    auto passphrase = (*passphrase_)();
    if (!passphrase) return pass(passphrase);
    return SealKey::from_passphrase(*passphrase);
  }();
  if (!key) return pass(key);
  json::object object{{"successorOf", token.successor_of},
                      {"account", token.account},
                      {"obtained", unix_seconds(token.obtained)},
                      {"roles", token.roles}};
  token.refresh_token.reveal([&](std::string_view text) { object["refreshToken"] = text; });
  return SealedFile::write(path_, serialize_secret_json(object), *key);
}

Result<void> Escrow::clear() { return remove_file_durably(path_); }

}  // namespace portalkey
