#include "seeds/input/said.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>

#include "base/ascii.h"
#include "seeds/input/secret_key.h"
#include "seeds/input/utf8.h"

namespace portalkey {
namespace {

constexpr std::size_t kMostBytes = 256;  // of a value that is looked at; what is longer is no single statement
constexpr std::size_t kMostWords = 24;
constexpr std::size_t kProse = 6;  // more words are a text

// What is said, for messages.
constexpr std::string_view kKind = "what kind of token it is", kHash = "the hash", kDigits = "the number of digits",
                           kInterval = "the time interval", kCounter = "the counter",
                           kEncoding = "how the secret key is written";

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (to_lower(c) >= 'a' && to_lower(c) <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

/// The words of a value in small letters; wiped, as the value may be a secret in the wrong place.
class Words {
 public:
  explicit Words(std::string_view value) {
    size_ = std::min(value.size(), text_.size());
    std::ranges::transform(value.substr(0, size_), text_.begin(), to_lower);
    const std::string_view text(text_.data(), size_);
    for (std::size_t i = 0; i < size_ && count_ < kMostWords;) {
      if (!is_word_character(text[i])) {
        ++i;
        continue;
      }
      const std::size_t from = i;
      while (i < size_ && is_word_character(text[i])) ++i;
      words_[count_++] = text.substr(from, i - from);
    }
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() { explicit_bzero(text_.data(), size_); }

  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const { return i < count_ ? words_[i] : std::string_view(); }
  const std::string_view* begin() const { return words_.data(); }
  const std::string_view* end() const { return words_.data() + count_; }

 private:
  std::array<char, kMostBytes> text_;
  std::array<std::string_view, kMostWords> words_;
  std::size_t size_ = 0, count_ = 0;
};

std::optional<int> number(std::string_view text, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) return std::nullopt;
  return value;
}

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

/// `hotp`, `hotp6`, `hotpsha1`, `oathhotp`, `hotptoken`; but `TOTP0001A0` is a serial number.
bool is_called(std::string_view word, std::string_view name) {
  const auto letters = [](std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c < '0' || c > '9'; });
  };
  if (word.starts_with(name)) {
    const auto rest = word.substr(name.size());
    return letters(rest) || rest.size() == 1 || rest.starts_with("sha") || rest.starts_with("hmac");
  }
  return word.ends_with(name) && letters(word) && word.substr(0, word.size() - name.size()) != "s";  // a shotput
}
bool is_ocra(std::string_view word) {
  return word == "ocra" || (word.starts_with("ocra") && word.size() > 4 && word[4] >= '0' && word[4] <= '9');
}

constexpr auto kEventWords = std::to_array<std::string_view>({"event",
                                                              "events",
                                                              "eventbased",
                                                              "eventsync",
                                                              "counterbased",
                                                              "hmacbased",
                                                              "ereignis",
                                                              "ereignisbasiert",
                                                              "ereignisgesteuert",
                                                              "ereignisbasierend",
                                                              "z\u00E4hlerbasiert",
                                                              "zaehlerbasiert",
                                                              "z\u00E4hlergesteuert",
                                                              "zaehlergesteuert",
                                                              "evento",
                                                              "eventos",
                                                              "eventi",
                                                              "evenement",
                                                              "\u00E9v\u00E9nement",
                                                              "evenements",
                                                              "\u00E9v\u00E9nements",
                                                              "evenementiel",
                                                              "rfc4226"});
/// What counts presses, if it is all that a value says of the kind.
constexpr auto kCounterWords = std::to_array<std::string_view>(
    {"counter", "z\u00E4hler", "zaehler", "compteur", "contador", "contatore", "teller", "evt"});
constexpr auto kTimeWords =
    std::to_array<std::string_view>({"timebased", "zeitbasiert", "zeitgesteuert", "zeitbasierend", "timesync", "rfc6238"});
constexpr auto kChallengeWords = std::to_array<std::string_view>({"challenge", "challengeresponse", "rfc6287"});
/// What may stand beside them in a value that says nothing else.
constexpr auto kCompanions = std::to_array<std::string_view>(
    {"based",  "basiert",  "token",    "tokens", "otp",      "oath", "driven", "sync",    "synchronous", "synchron",  "type",
     "mode",   "hardware", "response", "button", "password", "one",  "time",   "counter", "hmac",        "bas\u00E9", "base",
     "basado", "basada",   "basato",   "basata", "sur",      "su",   "en",     "par",     "gesteuert",   "rfc"});

/// What a value's words call the token. A value that names several kinds says nothing.
struct Kinds {
  bool totp = false, hotp = false, ocra = false;
  std::string_view other;  ///< its name for messages
  bool strong = false;     ///< by names that nothing else has
  bool pure = true;        ///< and there is nothing else in the value
};

Kinds kinds_in(const Words& words) {
  Kinds kinds;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = words[i];
    const bool based = words[i + 1] == "based" || words[i + 1] == "basiert" || words[i + 1] == "gesteuert";
    if (word == "rfc" && (words[i + 1] == "4226" || words[i + 1] == "6238" || words[i + 1] == "6287")) {
      (words[i + 1] == "4226" ? kinds.hotp : words[i + 1] == "6238" ? kinds.totp : kinds.ocra) = true;
      ++i;
      continue;
    }
    if (is_ocra(word)) {
      kinds.ocra = kinds.strong = true;
    } else if (is_called(word, "totp")) {
      kinds.totp = kinds.strong = true;
    } else if (is_called(word, "hotp")) {
      kinds.hotp = kinds.strong = true;
    } else if (word == "motp") {
      kinds.other = "Mobile-OTP";
      kinds.strong = true;
    } else if ((word == "yubico" && words[i + 1] == "otp") || word == "yubiotp" || word == "yubicootp") {
      kinds.other = "Yubico OTP";
      kinds.strong = true;
    } else if (is_one_of(kTimeWords, word) || (word == "time" && based)) {
      kinds.totp = true;
    } else if (is_one_of(kEventWords, word) || ((is_one_of(kCounterWords, word) || word == "hmac") && based)) {
      kinds.hotp = true;
    } else if (is_one_of(kChallengeWords, word)) {
      kinds.ocra = true;
    } else if (!is_one_of(kCompanions, word)) {
      kinds.pure = false;
    }
  }
  if (kinds.ocra && kinds.strong) kinds.hotp = kinds.totp = false;  // a suite: OCRA-1:HOTP-SHA1-6:QN08
  return kinds;
}

/// What a column for the type may also say.
std::string_view other_type(const Words& words) {
  constexpr auto kOthers = std::to_array<std::pair<std::string_view, std::string_view>>({{"fido", "FIDO"},
                                                                                         {"fido2", "FIDO2"},
                                                                                         {"u2f", "U2F"},
                                                                                         {"webauthn", "WebAuthn"},
                                                                                         {"piv", "PIV"},
                                                                                         {"sms", "SMS"},
                                                                                         {"push", "push"},
                                                                                         {"steam", "Steam Guard"},
                                                                                         {"securid", "SecurID"},
                                                                                         {"static", "static passwords"},
                                                                                         {"yubico", "Yubico OTP"}});
  for (const auto& [word, name] : kOthers) {
    if (words.size() <= 2 && words[0] == word) return name;
  }
  return {};
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

}  // namespace

namespace {

constexpr std::size_t kLongestNothing = 24;
/// By size: every value of a file is compared with them.
constexpr auto kNothing = [] {
  auto words = std::to_array<std::string_view>({"null",
                                                "nul",
                                                "none",
                                                "nil",
                                                "nill",
                                                "n/a",
                                                "n.a.",
                                                "n.a",
                                                "n\\a",
                                                "na",
                                                "#n/a",
                                                "#nv",
                                                "#wert!",
                                                "#bezug!",
                                                "#zahl!",
                                                "#div/0!",
                                                "#num!",
                                                "#spill!",
                                                "#calc!",
                                                "\\n",
                                                "n.v.",
                                                "n. v.",
                                                "n.n.",
                                                "ohne",
                                                "no serial",
                                                "no serial number",
                                                "no key",
                                                "no secret",
                                                "no user",
                                                "no owner",
                                                "not yet assigned",
                                                "not issued",
                                                "not provided",
                                                "noch nicht vergeben",
                                                "redacted",
                                                "withheld",
                                                "see label",
                                                "see attachment",
                                                "siehe anlage",
                                                "siehe etikett",
                                                "#null!",
                                                "#value!",
                                                "#ref!",
                                                "#name?",
                                                "undefined",
                                                "undef",
                                                "unknown",
                                                "tbd",
                                                "tba",
                                                "tbc",
                                                "todo",
                                                "nan",
                                                "empty",
                                                "blank",
                                                "void",
                                                "missing",
                                                "pending",
                                                "unassigned",
                                                "not assigned",
                                                "not set",
                                                "notset",
                                                "not available",
                                                "not applicable",
                                                "not known",
                                                "no value",
                                                "nothing",
                                                "nobody",
                                                "no one",
                                                "placeholder",
                                                "changeme",
                                                "change me",
                                                "replaceme",
                                                "replace me",
                                                "replace_me",
                                                "xxx",
                                                "xxxx",
                                                "xxxxx",
                                                "xxxxxxxx",
                                                "leer",
                                                "kein",
                                                "keine",
                                                "keiner",
                                                "keines",
                                                "nichts",
                                                "niemand",
                                                "unbekannt",
                                                "fehlt",
                                                "offen",
                                                "k.a.",
                                                "k. a.",
                                                "keine angabe",
                                                "entf\u00E4llt",
                                                "entfaellt",
                                                "nicht zugewiesen",
                                                "nicht vergeben",
                                                "frei",
                                                "aucun",
                                                "aucune",
                                                "vide",
                                                "inconnu",
                                                "ninguno",
                                                "ninguna",
                                                "vacio",
                                                "vac\u00EDo",
                                                "nessuno",
                                                "vuoto",
                                                "geen",
                                                "onbekend",
                                                "leeg"});
  std::ranges::sort(words, {}, [](std::string_view word) { return word.size(); });
  return words;
}();
/// Where the words of a size begin.
constexpr auto kNothingOfSize = [] {
  std::array<std::size_t, kLongestNothing + 2> begin{};
  for (std::size_t size = 0; size < begin.size(); ++size) {
    while (begin[size] < kNothing.size() && kNothing[begin[size]].size() < size) ++begin[size];
  }
  return begin;
}();
static_assert(kNothing.back().size() <= kLongestNothing);

}  // namespace

namespace {

bool is_nothing_word(std::string_view value) {
  if (value.size() > kLongestNothing) return false;
  const auto of_size = std::span(kNothing).subspan(kNothingOfSize[value.size()],
                                                   kNothingOfSize[value.size() + 1] - kNothingOfSize[value.size()]);
  return std::ranges::any_of(of_size, [&](std::string_view word) { return same_ignoring_case(word, value); });
}

}  // namespace

bool stands_for_nothing(std::string_view value) {
  value = trimmed_unicode(value);
  if (!value.empty() && is_word_character(value.front()) && static_cast<unsigned char>(value.front()) < 0x80)
    return is_nothing_word(value);  // what begins so is in no brackets, and is not made of marks
  while (value.size() >= 2) {       // (null), <none>, "n/a"
    constexpr std::string_view kOpen = "(<[{\"'`", kClose = ")>]}\"'`";
    const auto pair = kOpen.find(value.front());
    if (pair == std::string_view::npos || value.back() != kClose[pair]) break;
    value = trimmed_unicode(value.substr(1, value.size() - 2));
    if (value.empty()) return true;
  }
  if (value.empty() || value.size() > kLongestNothing) return false;
  // Only marks: `-`, `--`, `?`, `...`, and dashes as word processors have them.
  bool marks = true;
  for (std::size_t i = 0; i < value.size() && marks;) {
    if (std::string_view("-?._*/~!").find(value[i]) != std::string_view::npos) {
      ++i;
    } else if (const auto three = value.substr(i, 3); three >= "\u2010" && three <= "\u2015") {
      i += 3;
    } else if (three == "\u2026") {
      i += 3;
    } else {
      marks = false;
    }
  }
  return marks || is_nothing_word(value);
}

std::string_view value_or_nothing(std::string_view text) {
  text = trimmed_unicode(text);
  return stands_for_nothing(text) ? std::string_view() : text;
}

namespace {

/// Of a name such as `HOTP`, `isHotp`, `event based`, whose values are yes and no.
SaidUnder kind_asked_by(std::string_view name) {
  const bool asks = name.size() > 2 && same_ignoring_case(name.substr(0, 2), "is");
  const Words words(asks ? name.substr(2) : name);
  const Kinds kinds = kinds_in(words);
  const bool based = std::ranges::any_of(words, [](auto word) { return word.contains("bas") || word.contains("gesteuert"); });
  if (words.size() == 0 || words.size() > 3 || !kinds.pure || !(kinds.strong || based)) return SaidUnder::unknown;
  if (kinds.totp == kinds.hotp) return kinds.ocra && !kinds.totp ? SaidUnder::is_ocra : SaidUnder::unknown;
  return kinds.totp ? SaidUnder::is_totp : SaidUnder::is_hotp;
}

constexpr auto kYes =
    std::to_array<std::string_view>({"yes", "y", "true", "1", "x", "on", "ja", "j", "wahr", "oui", "vrai", "si"});
constexpr auto kNo = std::to_array<std::string_view>({"no", "n", "false", "0", "off", "nein", "falsch", "non", "faux"});

}  // namespace

SaidUnder said_under(std::string_view name) {
  constexpr std::size_t kLongestName = 64;
  std::string plain;
  for (const char c : name.substr(0, kLongestName)) {
    if (is_word_character(c)) plain += to_lower(c);
  }
  const auto has = [&](std::string_view part) { return plain.find(part) != std::string::npos; };
  const auto is = [&](std::initializer_list<std::string_view> names) {
    return std::ranges::find(names, std::string_view(plain)) != names.end();
  };
  if (plain.empty()) return SaidUnder::unknown;
  if (has("counter") || has("movingfactor") || has("zaehler") || has("z\u00E4hler") || has("compteur") || has("contador"))
    return SaidUnder::counter;
  if (has("digit") || has("stellen") || has("ziffer") || has("chiffres") || has("otplen") || has("codelen") || has("pwlen") ||
      is({"length", "len", "laenge", "l\u00E4nge", "passwordlength", "passcodelength", "tokenlength", "longueur"}))
    return SaidUnder::digits;
  if (has("algo") || has("hash") || has("digest") || has("hmac") || is({"suite", "ocrasuite", "otpsuite"}))
    return SaidUnder::hash;
  if (has("interval") || has("timestep") || has("stepsize") || has("zeitschritt") || has("zeitintervall") || has("timedrift") ||
      is({"step", "period", "otpperiod", "totpperiod", "tokenperiod", "refresh", "refreshrate", "seconds", "secs", "sekunden",
          "tick", "timewindow", "zeitfenster", "cycle", "takt"}))
    return has("timedrift") ? SaidUnder::unknown : SaidUnder::interval;
  if (const auto kind = kind_asked_by(name); kind != SaidUnder::unknown) return kind;
  if (is({"type", "typ", "tipo", "art", "mode", "modus", "kind", "method", "encoder"}) || has("tokentyp") || has("otptyp") ||
      has("oathtyp") || has("keytyp") || has("tokenart") || has("otpmode") || has("tokenkind"))
    return SaidUnder::type;
  if (has("model") || has("product") || has("device") || has("descri") || has("beschreibung") || has("bezeichnung") ||
      has("hardware") || has("article") || has("artikel"))
    return SaidUnder::product;
  if (has("name") || has("department") || has("abteilung") || has("team") || has("group") || has("gruppe") || has("office") ||
      has("location") || has("standort") || has("city") || has("ort") || has("note") || has("comment") || has("remark") ||
      has("bemerkung") || has("kommentar") || has("title") || has("company") || has("firma") || has("subject") ||
      has("event") || has("project") || has("projekt") || has("manufacturer") || has("hersteller") || has("vendor") ||
      has("tag"))
    return SaidUnder::person;
  return SaidUnder::unknown;
}

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
  if (value.empty() || value.size() > kMostBytes) return false;
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
