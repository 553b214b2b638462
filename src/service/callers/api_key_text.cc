#include "service/callers/api_key_text.h"

#include <sodium.h>

#include <algorithm>
#include <new>

#include "base/key_like.h"

namespace portalkey {
namespace {

constexpr std::string_view kBegin = "pk_";
constexpr std::string_view kKeyLetters = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::size_t kChance = 40, kCheck = 6;

/// A letter for each of the bytes, of which only five bits count.
void append_letters(std::string& to, const unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to += kKeyLetters[bytes[i] & 31];
}

std::string hash_of(std::string_view text) {
  std::string out(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                     reinterpret_cast<const unsigned char*>(text.data()), text.size(), nullptr, 0);
  return out;
}

/// The check's letters. Apart from hash_of_api_key(), of which a part must not stand in the key.
std::string check_of(std::string_view before) {
  const std::string hash = hash_of("check:" + std::string(before));
  std::string out;
  append_letters(out, reinterpret_cast<const unsigned char*>(hash.data()), kCheck);
  return out;
}

}  // namespace

bool begins_as_api_key(std::string_view text) { return text.starts_with(kBegin); }

Secret new_api_key() {
  if (sodium_init() < 0) throw std::bad_alloc();
  unsigned char chance[kApiKeyIdSize + kChance];
  std::string text;
  text.reserve(kApiKeySize);
  do {  // one that could be taken for words would not be hidden where it is quoted
    randombytes_buf(chance, sizeof chance);
    text = kBegin;
    append_letters(text, chance, kApiKeyIdSize);
    text += '_';
    append_letters(text, chance + kApiKeyIdSize, kChance);
    text += check_of(text);
  } while (!looks_like_key(text));
  sodium_memzero(chance, sizeof chance);
  Secret out(text);
  wipe(text);
  return out;
}

std::optional<std::string_view> id_of_api_key(std::string_view text) {
  if (text.size() != kApiKeySize || !text.starts_with(kBegin)) return std::nullopt;
  const auto id = text.substr(kBegin.size(), kApiKeyIdSize);
  const auto secret = text.substr(kBegin.size() + kApiKeyIdSize + 1);
  if (text[kBegin.size() + kApiKeyIdSize] != '_') return std::nullopt;
  if (id.find_first_not_of(kKeyLetters) != id.npos || secret.find_first_not_of(kKeyLetters) != id.npos) return std::nullopt;
  // What it compares is no secret: the check only tells a mistyped key.
  return check_of(text.substr(0, kApiKeySize - kCheck)) == text.substr(kApiKeySize - kCheck) ? std::optional(id) : std::nullopt;
}

std::string hash_of_api_key(std::string_view text) { return hash_of(text); }

}  // namespace portalkey
