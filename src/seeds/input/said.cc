#include "seeds/input/said.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"
#include "seeds/input/kinds_of_tokens.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"
#include "seeds/input/words.h"

namespace portalkey {
namespace {

constexpr std::size_t kProse = 6;  // more words are a text

// What is said, for messages.
constexpr std::string_view kKind = "what kind of token it is", kHash = "the hash", kDigits = "the number of digits",
                           kInterval = "the time interval", kCounter = "the counter",
                           kEncoding = "how the secret key is written";

constexpr auto kSecondWords = std::to_array<std::string_view>(
    {"s", "sec", "secs", "second", "seconds", "sek", "sekunde", "sekunden", "secondes", "segundos", "secondi"});
constexpr auto kMinuteWords =
    std::to_array<std::string_view>({"min", "mins", "minute", "minutes", "minuten", "minuto", "minutos", "minuti", "minuut"});
constexpr auto kMillisecondWords =
    std::to_array<std::string_view>({"ms", "msec", "millisecond", "milliseconds", "millisekunden"});
constexpr auto kIntervalWords = std::to_array<std::string_view>(
    {"interval", "period", "step", "timestep", "intervall", "zeitintervall", "intervalle", "intervalo", "takt"});
constexpr auto kDigitWords = std::to_array<std::string_view>(
    {"digit", "digits", "stellen", "stellig", "stellige", "ziffern", "chiffres", "digitos", "cifre", "cijfers"});
constexpr auto kLengthWords =
    std::to_array<std::string_view>({"length", "len", "otplength", "codelength", "otplen", "l\u00E4nge", "laenge"});
/// Numbers of digits in words.
constexpr auto kNumberWords = std::to_array<std::pair<std::string_view, int>>(
    {{"six", 6}, {"seven", 7}, {"eight", 8}, {"sechs", 6}, {"sieben", 7}, {"acht", 8}, {"huit", 8}, {"ocho", 8}, {"otto", 8}});

/// `8 digits` as two words from `i` on, or `8digits` as one.
template <std::size_t N>
std::optional<int> counted(const Words& words, std::size_t i, const std::array<std::string_view, N>& units, int most) {
  const auto word = words[i];
  const auto digits = word.substr(0, std::min(word.find_first_not_of("0123456789"), word.size()));
  if (digits.empty()) return std::nullopt;
  const auto unit = digits.size() == word.size() ? words[i + 1] : word.substr(digits.size());
  return is_one_of(units, unit) ? number(digits, most) : std::nullopt;
}

/// `eight digits`, `achtstellig`.
std::optional<int> spelt_digits(const Words& words, std::size_t i) {
  for (const auto& [word, value] : kNumberWords) {
    if (!words[i].starts_with(word)) continue;
    const auto rest = words[i].substr(word.size());
    if (is_one_of(kDigitWords, rest.empty() ? words[i + 1] : rest)) return value;
  }
  return std::nullopt;
}

/// The seconds that words from `i` on say: `60 s`, `1 min`, `60000 ms`, `PT60S`, `period=60`.
std::optional<int> counted_seconds(const Words& words, std::size_t i) {
  constexpr int kDay = 24 * 3600;
  if (const auto seconds = counted(words, i, kSecondWords, kDay)) return seconds;
  if (const auto minutes = counted(words, i, kMinuteWords, kDay / 60)) return *minutes * 60;
  if (const auto ms = counted(words, i, kMillisecondWords, kDay * 1000); ms && *ms % 1000 == 0) return *ms / 1000;
  const auto word = words[i];
  if (word.size() > 3 && word.starts_with("pt") && (word.ends_with('s') || word.ends_with('m'))) {  // ISO 8601
    if (const auto value = number(word.substr(2, word.size() - 3), kDay)) return word.ends_with('s') ? *value : *value * 60;
  }
  return is_one_of(kIntervalWords, word) ? number(words[i + 1], kDay) : std::nullopt;
}

/// The digits and seconds behind the name of a kind or a hash: `totp8`, `TOTP-8-30`, `HOTP-SHA1-6`. Where they end: `i`.
struct Suffixes {
  std::optional<int> digits, seconds;
};
Suffixes suffixes(const Words& words, std::size_t i) {
  Suffixes found;
  if (const auto length = number(words[i], 10); length && *length >= 6 && *length <= 8) {
    found.digits = length;
    ++i;
  }
  if (const auto seconds = number(words[i], 60); seconds == 30 || seconds == 60) found.seconds = seconds;
  return found;
}

constexpr auto kOtherHashes = std::to_array<std::string_view>(
    {"md5", "hmacmd5", "sm3", "hmacsm3", "ripemd160", "whirlpool", "streebog", "gost", "blake2b", "hs384"});

/// `sha256`, `hmacsha256`, `hotpsha1` as one word: what follows `sha`. Empty: no such word.
std::string_view sha_of(std::string_view word) {
  const auto at = word.find("sha");
  if (at == std::string_view::npos) return {};
  constexpr auto kBefore = std::to_array<std::string_view>({"", "hmac", "totp", "hotp", "totphmac", "hotphmac", "oath"});
  return is_one_of(kBefore, word.substr(0, at)) ? word.substr(at) : std::string_view();
}

constexpr auto kYes =
    std::to_array<std::string_view>({"yes", "y", "true", "1", "x", "on", "ja", "j", "wahr", "oui", "vrai", "si"});
constexpr auto kNo = std::to_array<std::string_view>({"no", "n", "false", "0", "off", "nein", "falsch", "non", "faux"});

}  // namespace

std::optional<int> seconds_of_text(std::string_view text, int most) {
  text = trimmed_unicode(text);
  if (const auto plain = number(text, most)) return plain;
  const Words words(text);
  if (words.size() > 2) return std::nullopt;
  return counted(words, 0, kSecondWords, most);
}

bool names_a_type(std::string_view value) {
  const Words words(value);
  if (words.size() == 0 || words.size() > kProse) return false;
  const Kinds kinds = kinds_in(words);
  return kinds.strong || (kinds.pure && (kinds.totp || kinds.hotp || kinds.ocra));
}

template <class T>
void SaidOfToken::claim(std::optional<Claim<T>>& to, T value, std::string_view what, std::string_view place,
                        std::string& contradiction) {
  ++count_;
  if (!to) {
    to = Claim<T>{value, std::string(place)};
  } else if (to->value != value && contradiction.empty()) {
    contradiction = fmt::format("{} and {} contradict each other: {}", to->place, place, what);
  }
}

void SaidOfToken::take(const TokenSeed& token, std::string_view place) {
  claim(type, token.type, kKind, place, about_type_);
  if (token.hash) claim(hash, *token.hash, kHash, place, about_others_);
  if (token.digits) claim(digits, *token.digits, kDigits, place, about_others_);
  if (token.step) claim(interval, *token.step, kInterval, place, about_others_);
}

bool SaidOfToken::look_at(SaidUnder under, std::string_view value, std::string_view place) {
  if (value.empty() || value.size() > Words::kMostBytes) return false;
  const Words words(value);
  if (words.size() == 0) return false;
  const int before = count_;
  if (under == SaidUnder::is_totp || under == SaidUnder::is_hotp || under == SaidUnder::is_ocra) {
    if (words.size() == 1 && is_one_of(kYes, words[0])) {
      claim(type,
            under == SaidUnder::is_totp   ? OtpType::totp
            : under == SaidUnder::is_hotp ? OtpType::hotp
                                          : OtpType::ocra,
            kKind, place, about_type_);
      return true;
    }
    if (words.size() == 1 && is_one_of(kNo, words[0])) {
      if (under != SaidUnder::is_totp) return true;
      algorithm = "not a time-based one, as the file says";
      claim(type, OtpType::other, kKind, place, about_type_);
      return true;
    }
    under = SaidUnder::unknown;
  }
  const auto blanks = static_cast<std::size_t>(std::ranges::count(value, ' '));  // a URN has many words and is none
  const bool prose = blanks >= kProse && under != SaidUnder::type && under != SaidUnder::hash;

  const Kinds kinds = kinds_in(words);
  const int named = (kinds.totp ? 1 : 0) + (kinds.hotp ? 1 : 0) + (kinds.ocra ? 1 : 0) + (kinds.other.empty() ? 0 : 1);
  const bool enough = kinds.strong || under == SaidUnder::type || under == SaidUnder::hash ||
                      (under == SaidUnder::product && !prose) || (kinds.pure && under != SaidUnder::person);
  if (named == 1 && enough) {
    const OtpType is = kinds.totp ? OtpType::totp : kinds.hotp ? OtpType::hotp : kinds.ocra ? OtpType::ocra : OtpType::other;
    if (!prose) {
      if (is == OtpType::other) algorithm = kinds.other;
      claim(type, is, kKind, place, about_type_);
    } else if (is != OtpType::totp && mentions.empty()) {
      mentions = place;
      ++count_;
    }
  } else if (under == SaidUnder::type && named > 1) {
    if (mentions.empty()) mentions = place;
    ++count_;
  } else if (under == SaidUnder::type && named == 0) {
    const auto text = trimmed_unicode(value);
    const auto other = other_type(words);
    if (same_ignoring_case(text, "t")) claim(type, OtpType::totp, kKind, place, about_type_);
    if (same_ignoring_case(text, "e") || same_ignoring_case(text, "h") ||
        (words.size() == 1 && is_one_of(kCounterWords, words[0])))
      claim(type, OtpType::hotp, kKind, place, about_type_);
    if (same_ignoring_case(text, "cr") || same_ignoring_case(text, "c/r") || words[0] == "asynchronous")
      claim(type, OtpType::ocra, kKind, place, about_type_);
    if (!other.empty()) {
      algorithm = other;
      claim(type, OtpType::other, kKind, place, about_type_);
    }
  }
  if (prose || under == SaidUnder::person) return count_ != before;

  for (std::size_t i = 0; i < words.size(); ++i) {
    auto sha = sha_of(words[i]);
    std::size_t next = i + 1;
    const bool other = is_one_of(kOtherHashes, words[i]);
    if (words[i] == "hs256" || words[i] == "hs512") sha = words[i];  // as in JSON Web Signatures
    if (sha.empty() && !other) continue;
    std::string_view size = other ? words[i] : sha.starts_with("hs") ? sha.substr(2) : sha.substr(3);
    if (size.empty() && number(words[next], 512)) size = words[next++];
    if (size == "2" && (words[next] == "256" || words[next] == "512")) size = words[next++];  // SHA2-256
    if (size.empty()) continue;
    if (size == "1") {
      claim(hash, Hash::sha1, kHash, place, about_others_);
    } else if (size == "256") {
      claim(hash, Hash::sha256, kHash, place, about_others_);
    } else if (size == "512") {
      claim(hash, Hash::sha512, kHash, place, about_others_);
    } else if (unknown_hash.empty()) {
      unknown_hash = place;
      ++count_;
    }
    const auto behind = suffixes(words, next);
    if (behind.digits) claim(digits, *behind.digits, kDigits, place, about_others_);
    if (behind.seconds) claim(interval, *behind.seconds, kInterval, place, about_others_);
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto length = counted(words, i, kDigitWords, 10);
    if (!length) length = spelt_digits(words, i);
    if (!length && is_one_of(kDigitWords, words[i])) length = number(words[i + 1], 10);
    if (!length && is_one_of(kLengthWords, words[i]) && words[i + 1] == "8") length = 8;
    if (length && *length >= 4) claim(digits, *length, kDigits, place, about_others_);
    if (const auto seconds = counted_seconds(words, i); seconds && *seconds >= 10)
      claim(interval, *seconds, kInterval, place, about_others_);
    const auto kind_with_number = [&](std::string_view name) {  // totp8, otp6
      const auto word = words[i];
      return word.size() == name.size() + 1 && word.starts_with(name) ? number(word.substr(name.size()), 8) : std::nullopt;
    };
    for (const std::string_view name : {"totp", "hotp", "otp"}) {
      if (const auto digit = kind_with_number(name); digit && *digit >= 6) claim(digits, *digit, kDigits, place, about_others_);
    }
    if (words[i] != "totp") continue;
    const auto behind = suffixes(words, i + 1);
    if (behind.digits) claim(digits, *behind.digits, kDigits, place, about_others_);
    if (behind.seconds) claim(interval, *behind.seconds, kInterval, place, about_others_);
  }
  const auto text = trimmed_unicode(value);
  if (under == SaidUnder::digits) {
    if (const auto length = number(text, 10); length && *length > 0) claim(digits, *length, kDigits, place, about_others_);
  } else if (under == SaidUnder::interval) {
    if (const auto seconds = number(text, 24 * 3600); seconds && *seconds > 0)
      claim(interval, *seconds, kInterval, place, about_others_);
  } else if (under == SaidUnder::counter) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error == std::errc() && end == text.data() + text.size() && count >= 0)
      claim(counter, count, kCounter, place, about_others_);
  }
  if (words.size() <= 2) {
    const auto says = [&](std::initializer_list<std::string_view> names) {
      return std::ranges::any_of(names, [&](auto name) {
        return words[0] == name ? words.size() == 1
                                : words.size() == 2 && words[0] == name.substr(0, words[0].size()) &&
                                      words[1] == name.substr(words[0].size());
      });
    };
    if (says({"base32", "b32"})) claim(encoding, SecretEncoding::base32, kEncoding, place, about_others_);
    if (says({"base64", "b64"})) claim(encoding, SecretEncoding::base64, kEncoding, place, about_others_);
    if (says({"hex", "hexadecimal", "base16"})) claim(encoding, SecretEncoding::hex, kEncoding, place, about_others_);
  }
  return count_ != before;
}

std::optional<FieldProblem> SaidOfToken::decide(TokenSeed& token, bool assumed_interval) const {
  constexpr std::string_view kFindOut = "Find out which is right, from the data sheet or the vendor, and correct the other.";
  if (!about_type_.empty()) return FieldProblem{about_type_, std::string(kFindOut), "TOTP"};
  if (type) {
    token.type = type->value;
    if (type->value == OtpType::other) token.detailed().algorithm = algorithm;
  }
  if (token.type == OtpType::totp && !about_others_.empty()) return FieldProblem{about_others_, std::string(kFindOut)};
  if (token.type == OtpType::totp && !unknown_hash.empty()) {
    return FieldProblem{fmt::format("{} names a hash that is none of SHA-1, SHA-256 and SHA-512", unknown_hash),
                        "Correct it after the vendor's data sheet.", "SHA-1; SHA-256 for Microsoft Graph"};
  }
  if (hash) token.hash = hash->value;
  if (digits) token.digits = digits->value;
  if (token.type != OtpType::totp) {
    if (token.type == OtpType::hotp && counter) token.detailed().counter = counter->value;
    token.step.reset();
    return std::nullopt;
  }
  if (interval) {
    if (token.step && !assumed_interval && *token.step != interval->value) {
      return FieldProblem{
          fmt::format("{} says {} seconds, and the time interval is {}", interval->place, interval->value, *token.step),
          std::string(kFindOut), std::string(kExpectedInterval)};
    }
    token.step = interval->value;
  } else if (counter && !type && (counter->value != 0 || assumed_interval || !token.step)) {
    return FieldProblem{
        fmt::format("{} is a counter, which time-based tokens do not have, and nothing says what kind of token it is",
                    counter->place),
        "Ask the vendor: an event-based token (HOTP) cannot be used with Entra. If it is time-based, empty that value, "
        "or add a column type with TOTP.",
        "TOTP"};
  }
  return std::nullopt;
}

FieldProblem SaidOfToken::mentioned() const {
  FieldProblem problem{fmt::format("{} mentions a kind of token that Entra does not take", mentions),
                       "Check that this token is time-based (TOTP): with another kind no code is ever right.", "TOTP"};
  problem.warning = true;
  return problem;
}

}  // namespace portalkey
