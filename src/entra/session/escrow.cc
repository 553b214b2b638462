#include "entra/session/escrow.h"

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

Result<Secret> read_local_key(const std::filesystem::path& path) {
  auto bytes = read_file(path, 4096, FileUse::secret);
  if (!bytes) {
    if (bytes.error().code == Errc::not_found) bytes.error().what = "the escrow's key file is gone";
    return bytes;
  }
  if (bytes->size() != 32) {
    return std::unexpected(Error{Errc::corrupt, "the escrow's key file is damaged", "", {{"file", path.string()}}});
  }
  return bytes;
}

Result<SealKey> local_key(const std::filesystem::path& path) {
  auto key = read_local_key(path);
  if (!key && key.error().code != Errc::not_found && key.error().code != Errc::corrupt) return pass(key);
  if (!key) {
    key = SealKey::random_bytes();
    auto written = key->reveal([&](std::string_view text) { return write_file_atomically(path, text); });
    if (!written) return pass(written);
  }
  return SealKey::from_bytes(std::move(*key));
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
  Result<Unsealed> unsealed = [&]() -> Result<Unsealed> {
    if (passphrase_) {
      auto passphrase = (*passphrase_)();
      if (!passphrase) return pass(passphrase);
      return SealedFile::read_with_passphrase(path_, kEscrowFile, *passphrase);
    }
    auto key = read_local_key(key_path(path_));
    if (!key) return pass(key);
    return SealedFile::read_with_key(path_, kEscrowFile, *key);
  }();
  json::value parsed;
  if (unsealed) {
    boost::system::error_code problem;
    unsealed->contents.reveal([&](std::string_view text) { parsed = parse_secret_json(text, problem); });
    if (problem || !parsed.is_object()) unsealed = fail(Errc::corrupt, "the escrow's contents are not what portalkey writes");
  }
  if (!unsealed) {
    const Errc code = unsealed.error().code;
    const bool unusable = code == Errc::corrupt || (!passphrase_ && (code == Errc::unauthenticated || code == Errc::not_found));
    if (!unusable) return pass(unsealed);
    return set_aside(unsealed.error());
  }
  try {
    EscrowedToken token;
    token.refresh_token = Secret(parsed.at("refreshToken").as_string());
    token.successor_of = std::string(parsed.at("successorOf").as_string());
    token.account = std::string(parsed.at("account").as_string());
    token.obtained = from_unix_seconds(parsed.at("obtained").as_int64());
    if (const auto* roles = parsed.as_object().if_contains("roles"); roles != nullptr && roles->is_string())
      token.roles = std::string(roles->get_string());
    if (const auto* tags = parsed.as_object().if_contains("signIn"); tags != nullptr && tags->is_object())
      token.sign_in = sign_in_in(json::value_to<std::map<std::string, std::string>>(*tags), token.obtained);
    return token;
  } catch (const std::exception&) {
    return std::unexpected(Error{Errc::corrupt,
                                 "the escrow was written by a newer version of portalkey",
                                 "Use that version.",
                                 {{"file", path_.string()}}});
  }
}

/// What it held may be all that is left of a session: nothing is removed.
Result<std::optional<EscrowedToken>> Escrow::set_aside(const Error& why) {
  const auto aside = path_.string() + ".unreadable-" + Random().guid();
  std::error_code problem;
  std::filesystem::rename(path_, aside, problem);
  if (problem) {
    return std::unexpected(Error{Errc::unavailable,
                                 fmt::format("{}, and it cannot be moved aside: {}", why.what, problem.message()),
                                 "Move it away yourself. " + std::string(kEscrowFile.damaged),
                                 {{"file", path_.string()}}});
  }
  log(LogLevel::warning,
      fmt::format("{} ({}); it was moved aside to {}. {}", why.what, path_.string(), aside, kEscrowFile.damaged));
  return std::nullopt;
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
  std::map<std::string, std::string> sign_in;
  put_sign_in(sign_in, token.sign_in);
  object["signIn"] = json::value_from(sign_in);
  token.refresh_token.reveal([&](std::string_view text) { object["refreshToken"] = text; });
  auto written = SealedFile::write(path_, kEscrowFile, serialize_secret_json(object), *key);
  if (!written) return pass(written);
  return {};
}

Result<void> Escrow::clear() { return remove_file_durably(path_); }

}  // namespace portalkey
